import { type Assembler, hex } from './assembler.ts';
import { SYSCALL_NUMBERS, type SyscallName } from './syscall-numbers.ts';

/** A general-purpose register: all 64 bits of it (rax), or its lower half (eax). */
export interface Register {
  name: string;
  number: number;
  wide: boolean;
}

/** The memory at a register plus a displacement. */
interface Based {
  base: Register;
  displacement: number;
}

/** The memory at a label, addressed relative to the instruction. */
interface Labelled {
  label: string;
}

export type Memory = Based | Labelled;
type Operand = Register | Memory | number;

const register = (name: string, number: number, wide: boolean): Register => ({
  name,
  number,
  wide,
});

export const rax = register('rax', 0, true);
export const rcx = register('rcx', 1, true);
export const rdx = register('rdx', 2, true);
export const rbx = register('rbx', 3, true);
export const rsp = register('rsp', 4, true);
export const rbp = register('rbp', 5, true);
export const rsi = register('rsi', 6, true);
export const rdi = register('rdi', 7, true);
export const r8 = register('r8', 8, true);
export const r9 = register('r9', 9, true);
export const r10 = register('r10', 10, true);
export const r11 = register('r11', 11, true);
export const r12 = register('r12', 12, true);
export const r13 = register('r13', 13, true);
export const r14 = register('r14', 14, true);
export const r15 = register('r15', 15, true);
const eax = register('eax', 0, false);

const HALVES = ['eax', 'ecx', 'edx', 'ebx', 'esp', 'ebp', 'esi', 'edi'];
const BYTES = ['al', 'cl', 'dl', 'bl'];

/** The lower 32 bits of a register. */
export const half = ({ number }: Register): Register =>
  register(HALVES[number] ?? `r${number}d`, number, false);

/** The lowest byte of a register. That of rsi, rdi, rbp and rsp needs a prefix of its own. */
export function byte({ name, number }: Register): Register {
  if (number > 3 && number < 8) throw new Error(`no byte of ${name}`);
  return register(BYTES[number] ?? `r${number}b`, number, false);
}

/** The memory at `base` + `displacement`. */
export const at = (base: Register, displacement = 0): Memory => ({ base, displacement });

/** The memory at a label of the program. */
export const behind = (label: string): Memory => ({ label });

/** A disassembler's name for the size of a memory operand. */
type Size = 'BYTE' | 'WORD' | 'DWORD' | 'QWORD';

interface Options {
  prefix?: number;
  immediate?: readonly number[];
  /** Default: the size of the register. */
  size?: Size;
}

/** x86-64 instructions, with operands in Intel's order and encodings from Intel's manual. */
export class X64 {
  readonly #out: Assembler;

  constructor(out: Assembler) {
    this.#out = out;
  }

  push(source: Register): void {
    this.#short('push', 0x50, source);
  }

  pop(target: Register): void {
    this.#short('pop', 0x58, target);
  }

  /** A number for the lower half of a register makes the upper half 0; one for all of it is signed. */
  mov(target: Register | Memory, source: Operand): void {
    if (typeof source !== 'number') this.#twoWay('mov', 0x89, target, source);
    else if (!isRegister(target)) this.#immediate('mov', [0xc7], 0, target, source, int32(source));
    else if (target.wide) this.#immediate('mov', [0xc7], 0, target, source, int32(source));
    else this.#short('mov', 0xb8, target, source);
  }

  /** Stores a signed number of 32 bits as one of 64 bits. */
  movWide(target: Memory, source: number): void {
    const options = { immediate: int32(source) };
    this.#encode('mov', [0xc7], extension(0, rax), target, [target, source], options);
  }

  lea(target: Register, source: Memory): void {
    this.#encode('lea', [0x8d], target, source, [target, source]);
  }

  /** Loads a signed word of 16 bits. */
  movsxWord(target: Register, source: Memory): void {
    const shown = [target, source];
    this.#encode('movsx', [0x0f, 0xbf], target, source, shown, { size: 'WORD' });
  }

  /** Loads a byte, and zeros above it. */
  movzxByte(target: Register, source: Memory): void {
    const shown = [target, source];
    this.#encode('movzx', [0x0f, 0xb6], target, source, shown, { size: 'BYTE' });
  }

  /** Stores a byte: of a register (byte), or a number. */
  movByte(target: Memory, source: Register | number): void {
    const shown = [target, source];
    if (typeof source === 'number') {
      const options = { immediate: [source], size: 'BYTE' } as const;
      this.#encode('mov', [0xc6], extension(0, eax), target, shown, options);
    } else this.#encode('mov', [0x88], source, target, shown, { size: 'BYTE' });
  }

  add(target: Register, source: Register | number): void {
    if (typeof source !== 'number') this.#twoWay('add', 0x01, target, source);
    else this.#short8('add', 0, target, source);
  }

  sub(target: Register, source: Register | number): void {
    if (typeof source !== 'number') this.#twoWay('sub', 0x29, target, source);
    else this.#short8('sub', 5, target, source);
  }

  /** Divides rdx:rax, unsigned, by the register: the quotient to rax, the remainder to rdx. */
  div(by: Register): void {
    this.#encode('div', [0xf7], extension(6, by), by, [by]);
  }

  xor(target: Register, source: Register): void {
    this.#twoWay('xor', 0x31, target, source);
  }

  test(left: Register, right: Register): void {
    this.#twoWay('test', 0x85, left, right);
  }

  /** Copies a bit of the register to the carry flag. */
  bt(left: Register, bit: number): void {
    this.#immediate('bt', [0x0f, 0xba], 4, left, bit, [bit]);
  }

  cmp(left: Register | Memory, right: Operand): void {
    if (typeof right !== 'number') this.#twoWay('cmp', 0x39, left, right);
    else this.#short8('cmp', 7, left, right);
  }

  shl(target: Register, bits: number): void {
    this.#immediate('shl', [0xc1], 4, target, bits, [bits]);
  }

  shr(target: Register, bits: number): void {
    this.#immediate('shr', [0xc1], 5, target, bits, [bits]);
  }

  neg(target: Register): void {
    this.#encode('neg', [0xf7], extension(3, target), target, [target]);
  }

  /** If the memory equals eax, stores `source` there, atomically. */
  lockCmpxchg(target: Memory, source: Register): void {
    const options = { prefix: 0xf0 };
    this.#encode('lock cmpxchg', [0x0f, 0xb1], source, target, [target, source], options);
  }

  jmp(label: string): void {
    this.#jump('jmp', [0xe9], label);
  }

  call(label: string): void {
    this.#jump('call', [0xe8], label);
  }

  /** Jumps when equal, or zero. */
  je(label: string): void {
    this.#jump('je', [0x0f, 0x84], label);
  }

  jne(label: string): void {
    this.#jump('jne', [0x0f, 0x85], label);
  }

  /** Jumps when below, both taken as unsigned. */
  jb(label: string): void {
    this.#jump('jb', [0x0f, 0x82], label);
  }

  /** Jumps when above or equal, both taken as unsigned. */
  jae(label: string): void {
    this.#jump('jae', [0x0f, 0x83], label);
  }

  /** Jumps when negative. */
  js(label: string): void {
    this.#jump('js', [0x0f, 0x88], label);
  }

  ret(): void {
    this.#out.emit([0xc3], () => 'ret');
  }

  /** Kills the process. Stands where execution must never get to. */
  ud2(): void {
    this.#out.emit([0x0f, 0x0b], () => 'ud2');
  }

  /** Makes the system call `name`, or the one whose number is in rax. */
  syscall(name?: SyscallName): void {
    if (name) this.mov(eax, SYSCALL_NUMBERS[name].x64);
    this.#out.emit([0x0f, 0x05], () => 'syscall');
  }

  /** An instruction with the register in its opcode. */
  #short(mnemonic: string, opcode: number, target: Register, value?: number): void {
    const prefix = target.number > 7 ? [0x41] : [];
    const bytes = [...prefix, opcode + (target.number & 7)];
    if (value === undefined) this.#out.emit(bytes, () => `${mnemonic} ${target.name}`);
    else
      this.#out.emit(
        [...bytes, ...int32(value)],
        () => `${mnemonic} ${target.name}, ${hex(value)}`,
      );
  }

  /** From a register to a register or memory. Opcode + 2 is from memory to a register. */
  #twoWay(
    mnemonic: string,
    opcode: number,
    target: Register | Memory,
    source: Register | Memory,
  ): void {
    if (isRegister(source)) this.#encode(mnemonic, [opcode], source, target, [target, source]);
    else if (isRegister(target)) {
      this.#encode(mnemonic, [opcode + 2], target, source, [target, source]);
    } else throw new Error(`${mnemonic} of memory with memory`);
  }

  /** An instruction with a short form for a number that fits a byte. */
  #short8(mnemonic: string, digit: number, target: Register | Memory, value: number): void {
    if (isByte(value)) this.#immediate(mnemonic, [0x83], digit, target, value, [value & 0xff]);
    else this.#immediate(mnemonic, [0x81], digit, target, value, int32(value));
  }

  #immediate(
    mnemonic: string,
    opcode: readonly number[],
    digit: number,
    target: Register | Memory,
    value: number,
    immediate: readonly number[],
  ): void {
    const field = extension(digit, isRegister(target) ? target : eax);
    this.#encode(mnemonic, opcode, field, target, [target, value], { immediate });
  }

  #jump(mnemonic: string, opcode: readonly number[], label: string): void {
    const end = this.#out.here + opcode.length + 4;
    this.#out.emit([...opcode, 0, 0, 0, 0], () => `${mnemonic} ${hex(this.#out.placeOf(label))}`);
    this.#out.refer(label, (code, target) => code.writeInt32LE(target - end, end - 4));
  }

  /** Prefixes, opcode, ModRM with what belongs to it, immediate (Intel's manual, volume 2, 2.1). */
  #encode(
    mnemonic: string,
    opcode: readonly number[],
    field: Register,
    operand: Register | Memory,
    shown: readonly Operand[],
    options: Options = {},
  ): void {
    const { prefix, immediate = [], size = field.wide ? 'QWORD' : 'DWORD' } = options;
    const rex = rexOf(field, operand);
    const head = [...(prefix ? [prefix] : []), ...(rex === 0x40 ? [] : [rex]), ...opcode];
    const mode = modRM(field, operand);
    const end = this.#out.here + head.length + mode.length + immediate.length;
    const pointer = mnemonic === 'lea' ? '' : `${size} PTR `;
    const show = () => shown.map((one) => this.#show(one, end, pointer)).join(', ');
    this.#out.emit([...head, ...mode, ...immediate], () => `${mnemonic} ${show()}`);
    if (!('label' in operand)) return;
    const place = end - immediate.length - 4;
    this.#out.refer(operand.label, (code, target) => code.writeInt32LE(target - end, place));
  }

  #show(operand: Operand, end: number, pointer: string): string {
    if (typeof operand === 'number') return hex(operand);
    if (isRegister(operand)) return operand.name;
    if ('label' in operand) return `${pointer}[rip+${hex(this.#out.placeOf(operand.label) - end)}]`;
    const { base, displacement } = operand;
    const shown = needsDisplacement(operand) ? `+${hex(displacement)}` : '';
    return `${pointer}[${base.name}${shown}]`;
  }
}

const isRegister = (operand: Operand): operand is Register =>
  typeof operand === 'object' && 'number' in operand;

const isByte = (value: number): boolean => value >= -0x80 && value < 0x80;

/** The part of an opcode that takes the place of a register: `/digit` in Intel's manual. */
const extension = (digit: number, { wide }: Register): Register => register('', digit, wide);

/** REX: 64 bits, and the fourth bit of the registers' numbers. */
function rexOf(field: Register, operand: Register | Memory): number {
  const register = isRegister(operand) ? operand : 'base' in operand ? operand.base : undefined;
  return 0x40 | (field.wide ? 8 : 0) | (field.number > 7 ? 4 : 0) | ((register?.number ?? 0) >> 3);
}

/** rbp and r13 as a base take a displacement, even of 0. */
const needsDisplacement = ({ base, displacement }: Based): boolean =>
  displacement !== 0 || (base.number & 7) === 5;

/** ModRM, and the SIB byte and displacement that it asks for. */
function modRM(field: Register, operand: Register | Memory): number[] {
  const middle = (field.number & 7) << 3;
  if (isRegister(operand)) return [0xc0 | middle | (operand.number & 7)];
  if ('label' in operand) return [middle | 5, 0, 0, 0, 0];
  const { base, displacement } = operand;
  const low = base.number & 7;
  // rsp and r12 as a base take a SIB byte.
  const sib = low === 4 ? [0x24] : [];
  if (!needsDisplacement(operand)) return [middle | low, ...sib];
  if (isByte(displacement)) return [0x40 | middle | low, ...sib, displacement & 0xff];
  return [0x80 | middle | low, ...sib, ...int32(displacement)];
}

const int32 = (value: number): number[] => [0, 8, 16, 24].map((shift) => (value >> shift) & 0xff);
