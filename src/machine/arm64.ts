import { type Assembler, hex } from './assembler.ts';
import { SYSCALL_NUMBERS, type SyscallName } from './syscall-numbers.ts';

/** A register: 64 bits (x0, sp), its lower half (w0), or 64 bits of floating point (d8). */
export interface Register {
  name: string;
  number: number;
  kind: 'x' | 'w' | 'd';
}

export const x = (number: number): Register => ({ name: `x${number}`, number, kind: 'x' });
const w = (number: number): Register => ({ name: `w${number}`, number, kind: 'w' });
export const d = (number: number): Register => ({ name: `d${number}`, number, kind: 'd' });

export const [x0, x1, x2, x3, x4, x8] = [x(0), x(1), x(2), x(3), x(4), x(8)];
export const [x9, x19, x30, w0, w9] = [x(9), x(19), x(30), w(0), w(9)];
/** The stack pointer, which shares its number with the zero register. */
export const sp: Register = { name: 'sp', number: 31, kind: 'x' };
export const xzr: Register = { name: 'xzr', number: 31, kind: 'x' };

/** The memory at a register plus a displacement. */
export interface Memory {
  base: Register;
  displacement: number;
  /** The base is changed: before the access (`[sp, #-16]!`), or after it (`[sp], #16`). */
  changes?: 'before' | 'after';
}

/** The lower 32 bits of a register. */
export const half = ({ name, number }: Register): Register =>
  name === 'xzr' ? { name: 'wzr', number, kind: 'w' } : w(number);

/** `[base, #displacement]`. */
export const at = (base: Register, displacement = 0): Memory => ({ base, displacement });
/** For a store: first makes room of `size` bytes on the stack. */
export const pushed = (size: number): Memory => ({
  base: sp,
  displacement: -size,
  changes: 'before',
});
/** For a load: afterwards gives the room of `size` bytes on the stack back. */
export const popped = (size: number): Memory => ({
  base: sp,
  displacement: size,
  changes: 'after',
});

/** arm64 instructions (A64), with the operands and encodings of Arm's manual. */
export class Arm64 {
  readonly #out: Assembler;

  constructor(out: Assembler) {
    this.#out = out;
  }

  /** From a register, or a number of up to 16 bits, which may be shifted by 16 bits or inverted. */
  mov(target: Register, source: Register | number): void {
    const wide = wideBit(target);
    const text = typeof source === 'number' ? `#${hex(source)}` : source.name;
    const show = () => `mov ${target.name}, ${text}`;
    if (typeof source === 'number') {
      const high = source !== 0 && source % 0x10000 === 0;
      const opcode = source < 0 ? 0x12800000 : high ? 0x52a00000 : 0x52800000;
      const bits = source < 0 ? ~source : high ? source / 0x10000 : source;
      this.#word(opcode | wide | field(bits, 16, 5) | target.number, show);
    } else if (target === sp || source === sp) {
      this.#word(0x11000000 | wide | (source.number << 5) | target.number, show);
    } else this.#word(0x2a0003e0 | wide | (source.number << 16) | target.number, show);
  }

  /** Puts 16 bits at `shift`, a multiple of 16, and leaves the others. */
  movk(target: Register, bits: number, shift: number): void {
    const word = 0x72800000 | wideBit(target) | ((shift / 16) << 21) | field(bits, 16, 5);
    this.#word(word | target.number, () => `movk ${target.name}, #${hex(bits)}, lsl #${shift}`);
  }

  /** With a third operand that is a register, optionally shifted to the left, or a number. */
  add(target: Register, left: Register, right: Register | number, shift = 0): void {
    this.#sum('add', 0, target, left, right, shift);
  }

  sub(target: Register, left: Register, right: Register | number): void {
    this.#sum('sub', 0x40000000, target, left, right, 0);
  }

  /** Divides unsigned numbers. */
  udiv(target: Register, left: Register, right: Register): void {
    const registers = wideBit(target) | (right.number << 16) | (left.number << 5) | target.number;
    const show = () => `udiv ${target.name}, ${left.name}, ${right.name}`;
    this.#word(0x1ac00800 | registers, show);
  }

  /** target = from - left * right. */
  msub(target: Register, left: Register, right: Register, from: Register): void {
    const registers = (right.number << 16) | (from.number << 10) | (left.number << 5);
    const names = [target, left, right, from].map(({ name }) => name).join(', ');
    this.#word(0x1b008000 | wideBit(target) | registers | target.number, () => `msub ${names}`);
  }

  /** Shifts 64 bits to the left. */
  lsl(target: Register, source: Register, bits: number): void {
    const word = 0xd3400000 | (((64 - bits) & 63) << 16) | ((63 - bits) << 10);
    const show = () => `lsl ${target.name}, ${source.name}, #${bits}`;
    this.#word(word | (source.number << 5) | target.number, show);
  }

  /** Shifts 64 bits to the right; zeros come from the left. */
  lsr(target: Register, source: Register, bits: number): void {
    const word = 0xd340fc00 | field(bits, 6, 16) | (source.number << 5) | target.number;
    this.#word(word, () => `lsr ${target.name}, ${source.name}, #${bits}`);
  }

  neg(target: Register, source: Register): void {
    const word = 0x4b0003e0 | wideBit(target) | (source.number << 16) | target.number;
    this.#word(word, () => `neg ${target.name}, ${source.name}`);
  }

  cmp(left: Register, right: Register | number): void {
    this.#compare('cmp', 0x40000000, left, right);
  }

  /** Compares `left` with the negative of `right`. */
  cmn(left: Register, right: Register | number): void {
    this.#compare('cmn', 0, left, right);
  }

  /** Loads from memory, or from a label. */
  ldr(target: Register, source: Memory | string): void {
    if (typeof source !== 'string') this.#single('ldr', 0xb9400000, target, source);
    else {
      const opcode = target.kind === 'x' ? 0x58000000 : 0x18000000;
      this.#near(`ldr ${target.name},`, opcode | target.number, source, 19, 5);
    }
  }

  str(source: Register, target: Memory): void {
    this.#single('str', 0xb9000000, source, target);
  }

  /** Loads a byte. */
  ldrb(target: Register, source: Memory): void {
    const word = 0x39400000 | field(source.displacement, 12, 10) | (source.base.number << 5);
    this.#word(word | target.number, () => `ldrb ${target.name}, ${show(source)}`);
  }

  strb(source: Register, target: Memory): void {
    const word = 0x39000000 | field(target.displacement, 12, 10) | (target.base.number << 5);
    this.#word(word | source.number, () => `strb ${source.name}, ${show(target)}`);
  }

  /** Loads a signed half-word. */
  ldrsh(target: Register, source: Memory): void {
    const word = 0x79800000 | field(source.displacement / 2, 12, 10) | (source.base.number << 5);
    this.#word(word | target.number, () => `ldrsh ${target.name}, ${show(source)}`);
  }

  /** Loads two registers. */
  ldp(first: Register, second: Register, source: Memory): void {
    this.#pair('ldp', 0x28400000, first, second, source);
  }

  stp(first: Register, second: Register, target: Memory): void {
    this.#pair('stp', 0x28000000, first, second, target);
  }

  /** Loads 32 bits for an exclusive store; later accesses come after it. */
  ldaxr(target: Register, source: Memory): void {
    const word = 0x885ffc00 | (source.base.number << 5) | target.number;
    this.#word(word, () => `ldaxr ${target.name}, ${show(source)}`);
  }

  /** Stores 32 bits, after all accesses before it; `status` is 1 if another processor was first. */
  stlxr(status: Register, source: Register, target: Memory): void {
    const word = 0x8800fc00 | (status.number << 16) | (target.base.number << 5) | source.number;
    this.#word(word, () => `stlxr ${status.name}, ${source.name}, ${show(target)}`);
  }

  /** Loads 32 bits; later accesses come after it. */
  ldar(target: Register, source: Memory): void {
    const word = 0x88dffc00 | (source.base.number << 5) | target.number;
    this.#word(word, () => `ldar ${target.name}, ${show(source)}`);
  }

  /** Stores 32 bits, after all accesses before it. */
  stlr(source: Register, target: Memory): void {
    const word = 0x889ffc00 | (target.base.number << 5) | source.number;
    this.#word(word, () => `stlr ${source.name}, ${show(target)}`);
  }

  /** The address of a label. */
  adr(target: Register, label: string): void {
    const here = this.#out.here;
    const text = () => `adr ${target.name}, ${hex(this.#out.placeOf(label))}`;
    this.#word(0x10000000 | target.number, text);
    this.#out.refer(label, (code, place) => {
      const offset = place - here;
      const bits = ((offset & 3) << 29) | field(offset >> 2, 19, 5);
      code.writeInt32LE(code.readInt32LE(here) | bits, here);
    });
  }

  b(label: string): void {
    this.#near('b', 0x14000000, label, 26, 0);
  }

  /** Calls a subroutine; `ret` returns from it. */
  bl(label: string): void {
    this.#near('bl', 0x94000000, label, 26, 0);
  }

  /** Calls the function whose address is in the register. */
  blr(target: Register): void {
    this.#word(0xd63f0000 | (target.number << 5), () => `blr ${target.name}`);
  }

  /** Jumps when equal. */
  beq(label: string): void {
    this.#near('b.eq', 0x54000000, label, 19, 5);
  }

  bne(label: string): void {
    this.#near('b.ne', 0x54000001, label, 19, 5);
  }

  /** Jumps when carry is set: after cmn, if the sum overflows; after cmp, if left >= right. */
  bcs(label: string): void {
    this.#near('b.cs', 0x54000002, label, 19, 5);
  }

  /** Jumps when carry is clear: after cmp, if left < right, both unsigned. */
  bcc(label: string): void {
    this.#near('b.cc', 0x54000003, label, 19, 5);
  }

  /** Jumps when the register is zero. */
  cbz(source: Register, label: string): void {
    const opcode = (source.kind === 'x' ? 0xb4000000 : 0x34000000) | source.number;
    this.#near(`cbz ${source.name},`, opcode, label, 19, 5);
  }

  cbnz(source: Register, label: string): void {
    const opcode = (source.kind === 'x' ? 0xb5000000 : 0x35000000) | source.number;
    this.#near(`cbnz ${source.name},`, opcode, label, 19, 5);
  }

  /** Jumps when the bit is 0. */
  tbz(source: Register, bit: number, label: string): void {
    this.#testBit('tbz', 0x36000000, source, bit, label);
  }

  /** Jumps when the bit is 1. */
  tbnz(source: Register, bit: number, label: string): void {
    this.#testBit('tbnz', 0x37000000, source, bit, label);
  }

  ret(): void {
    this.#word(0xd65f03c0, () => 'ret');
  }

  /** Kills the process. Stands where execution must never get to. */
  brk(): void {
    this.#word(0xd4200000, () => 'brk #0x0');
  }

  syscall(name?: SyscallName): void {
    if (name) this.mov(x8, SYSCALL_NUMBERS[name].arm64);
    this.#word(0xd4000001, () => 'svc #0x0');
  }

  #sum(
    name: string,
    subtract: number,
    target: Register,
    left: Register,
    right: Register | number,
    shift: number,
  ): void {
    const registers = wideBit(target) | subtract | (left.number << 5) | target.number;
    const names = `${name} ${target.name}, ${left.name}`;
    if (typeof right === 'number') {
      const [bits, text] = immediate12(right);
      this.#word(0x11000000 | registers | bits, () => `${names}, ${text}`);
      return;
    }
    const word = 0x0b000000 | registers | (right.number << 16) | field(shift, 6, 10);
    this.#word(word, () => `${names}, ${right.name}${shift ? `, lsl #${shift}` : ''}`);
  }

  #compare(name: string, subtract: number, left: Register, right: Register | number): void {
    const word = wideBit(left) | subtract | (left.number << 5) | 0x1f;
    if (typeof right === 'number') {
      const [bits, text] = immediate12(right);
      this.#word(0x31000000 | word | bits, () => `${name} ${left.name}, ${text}`);
    } else {
      const show = () => `${name} ${left.name}, ${right.name}`;
      this.#word(0x2b000000 | word | (right.number << 16), show);
    }
  }

  #testBit(mnemonic: string, opcode: number, source: Register, bit: number, label: string): void {
    const word = opcode | ((bit >> 5) << 31) | ((bit & 31) << 19) | source.number;
    this.#near(`${mnemonic} ${source.name}, #${bit},`, word, label, 14, 5);
  }

  #single(mnemonic: string, opcode: number, target: Register, memory: Memory): void {
    const [size, bytes] = target.kind === 'x' ? [0x40000000, 8] : [0, 4];
    const word = opcode | size | field(memory.displacement / bytes, 12, 10);
    const text = () => `${mnemonic} ${target.name}, ${show(memory)}`;
    this.#word(word | (memory.base.number << 5) | target.number, text);
  }

  #pair(mnemonic: string, opcode: number, first: Register, second: Register, memory: Memory): void {
    const kinds = { w: 0, x: 0x80000000, d: 0x44000000 };
    const modes = { none: 0x01000000, before: 0x01800000, after: 0x00800000 };
    const bytes = first.kind === 'w' ? 4 : 8;
    const word = opcode | kinds[first.kind] | modes[memory.changes ?? 'none'];
    const registers = (second.number << 10) | (memory.base.number << 5) | first.number;
    this.#word(word | field(memory.displacement / bytes, 7, 15) | registers, () =>
      [mnemonic, `${first.name},`, `${second.name},`, show(memory)].join(' '),
    );
  }

  /** An instruction that holds the distance to a label, counted in instructions. */
  #near(text: string, opcode: number, label: string, bits: number, shift: number): void {
    const here = this.#out.here;
    this.#word(opcode, () => `${text} ${hex(this.#out.placeOf(label))}`);
    this.#out.refer(label, (code, target) => {
      code.writeInt32LE(opcode | field((target - here) >> 2, bits, shift), here);
    });
  }

  #word(word: number, text: () => string): void {
    this.#out.emit(
      [word & 0xff, (word >> 8) & 0xff, (word >> 16) & 0xff, (word >> 24) & 0xff],
      text,
    );
  }
}

/** A number as a field of `bits` bits at `shift`; a negative one in two's complement. */
function field(value: number, bits: number, shift: number): number {
  const fits = Number.isInteger(value) && value >= -(2 ** (bits - 1)) && value < 2 ** bits;
  if (!fits) throw new Error(`${value} in ${bits} bits`);
  return (value & (2 ** bits - 1)) << shift;
}

/** An immediate of 12 bits, or of 12 bits shifted left by 12, with its text. */
function immediate12(value: number): [bits: number, text: string] {
  if (value === 0 || value % 0x1000 !== 0) return [field(value, 12, 10), `#${hex(value)}`];
  const pages = value / 0x1000;
  return [field(pages, 12, 10) | (1 << 22), `#${hex(pages)}, lsl #12`];
}

const wideBit = ({ kind }: Register): number => (kind === 'x' ? 0x80000000 : 0);

function show({ base, displacement, changes }: Memory): string {
  if (changes === 'before') return `[${base.name}, #${displacement}]!`;
  if (changes === 'after') return `[${base.name}], #${displacement}`;
  return displacement === 0 ? `[${base.name}]` : `[${base.name}, #${displacement}]`;
}
