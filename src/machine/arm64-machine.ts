import * as arm64 from './arm64.ts';
import {
  type Base,
  type Based,
  Machine,
  type Place,
  type Register,
  type Value,
} from './machine.ts';
import type { SyscallName } from './syscall-numbers.ts';

const { d, x, x30, popped, pushed } = arm64;

/** The registers that the kernel expects and changes, as syscall(2) says. */
const REGISTERS = {
  ...{ a0: x(0), a1: x(1), a2: x(2), a3: x(3), a4: x(4), a5: x(5) },
  ...{ s0: x(19), s1: x(20), s2: x(21), s3: x(22), s4: x(23), s5: x(24) },
  ...{ t0: x(9), t1: x(10), result: x(0), number: x(8), sp: arm64.sp },
} satisfies Record<Base, arm64.Register>;
/** For the parts of an instruction that the processor has no single instruction for. */
const [x16, x17] = [x(16), x(17)];

/** Registers that a C function must preserve (AAPCS64), the frame record first. */
const PRESERVED = [
  [x(29), x30],
  [x(19), x(20)],
  [x(21), x(22)],
  [x(23), x(24)],
  [x(25), x(26)],
  [x(27), x(28)],
  [d(8), d(9)],
  [d(10), d(11)],
  [d(12), d(13)],
  [d(14), d(15)],
] as const;
const FRAME_SIZE = 16 * PRESERVED.length;

const wide = (name: Base): arm64.Register => REGISTERS[name];
/** The lower 32 bits of a register. */
const low = (name: Base): arm64.Register => arm64.half(REGISTERS[name]);

const memory = ({ base, displacement }: Based): arm64.Memory => arm64.at(wide(base), displacement);

/** The instructions of `Machine` on arm64. */
export class Arm64Machine extends Machine {
  readonly arch = 'arm64';
  readonly #a = new arm64.Arm64(this);

  move(target: Base, source: Base): void {
    if (wide(target).number !== wide(source).number) this.#a.mov(wide(target), wide(source));
  }

  set(target: Register, value: number): void {
    this.#set(wide(target), value);
  }

  address(target: Register, place: Place): void {
    if ('label' in place) this.#a.adr(wide(target), place.label);
    else this.#address(wide(target), place);
  }

  load(target: Register, place: Place): void {
    this.#a.ldr(wide(target), 'label' in place ? place.label : memory(place));
  }

  load32(target: Register, place: Place): void {
    this.#a.ldr(low(target), 'label' in place ? place.label : memory(place));
  }

  load16(target: Register, place: Based): void {
    this.#a.ldrsh(wide(target), memory(place));
  }

  load8(target: Register, place: Based): void {
    this.#a.ldrb(low(target), memory(place));
  }

  store(place: Based, value: Value): void {
    this.#a.str(this.#stored(value), memory(place));
  }

  store32(place: Based, value: Value): void {
    this.#a.str(arm64.half(this.#stored(value)), memory(place));
  }

  store8(place: Based, value: Value): void {
    this.#a.strb(arm64.half(this.#stored(value)), memory(place));
  }

  add(target: Base, value: Value): void {
    this.#sum('add', wide(target), wide(target), value);
  }

  subtract(target: Base, value: Value): void {
    this.#sum('sub', wide(target), wide(target), value);
  }

  negate(target: Register): void {
    this.#a.neg(wide(target), wide(target));
  }

  shiftLeft(target: Register, bits: number): void {
    this.#a.lsl(wide(target), wide(target), bits);
  }

  shiftRight(target: Register, bits: number): void {
    this.#a.lsr(wide(target), wide(target), bits);
  }

  divide(target: Register, by: number, remainder: Register): void {
    this.#set(x17, by);
    this.#a.udiv(x16, wide(target), x17);
    this.#a.msub(wide(remainder), x16, x17, wide(target));
    this.#a.mov(wide(target), x16);
  }

  jump(label: string): void {
    this.#a.b(label);
  }

  ifEqual(left: Register, right: Value, label: string): void {
    if (right === 0) this.#a.cbz(wide(left), label);
    else {
      this.#compare(left, right);
      this.#a.beq(label);
    }
  }

  ifNotEqual(left: Register, right: Value, label: string): void {
    if (right === 0) this.#a.cbnz(wide(left), label);
    else {
      this.#compare(left, right);
      this.#a.bne(label);
    }
  }

  ifBelow(left: Register, right: Value, label: string): void {
    this.#compare(left, right);
    this.#a.bcc(label);
  }

  ifNotBelow(left: Register, right: Value, label: string): void {
    this.#compare(left, right);
    this.#a.bcs(label);
  }

  ifNegative(register: Register, label: string): void {
    this.#a.tbnz(wide(register), 63, label);
  }

  ifFlagClear(register: Register, flag: number, label: string): void {
    this.#a.tbz(low(register), Math.log2(flag), label);
  }

  loadAcquire32(target: Register, place: Based): void {
    this.#address(x16, place);
    this.#a.ldar(low(target), arm64.at(x16));
  }

  storeRelease32(place: Based, value: number): void {
    this.#address(x16, place);
    this.#set(x17, value);
    this.#a.stlr(arm64.half(x17), arm64.at(x16));
  }

  compareExchange32(place: Based, from: number, to: number, otherwise: string): void {
    const [found, again] = [low('t0'), `exchange at ${this.here}`];
    this.#address(x16, place);
    this.#set(x17, to);
    this.label(again);
    this.#a.ldaxr(found, arm64.at(x16));
    this.#a.cmp(found, from);
    this.#a.bne(otherwise);
    this.#a.stlxr(found, arm64.half(x17), arm64.at(x16));
    this.#a.cbnz(found, again);
  }

  enterFunction(): void {
    PRESERVED.forEach(([first, second], i) => {
      this.#a.stp(first, second, i === 0 ? pushed(FRAME_SIZE) : arm64.at(arm64.sp, 16 * i));
    });
  }

  leaveFunction(): void {
    const [[frame, link], ...others] = PRESERVED;
    others.forEach(([first, second], i) => {
      this.#a.ldp(first, second, arm64.at(arm64.sp, 16 * (i + 1)));
    });
    this.#a.ldp(frame, link, popped(FRAME_SIZE));
    this.#a.ret();
  }

  call(label: string): void {
    this.#a.bl(label);
  }

  return(): void {
    this.#a.ret();
  }

  push(source: Register): void {
    this.#a.stp(wide(source), x30, pushed(16));
  }

  pop(target: Register): void {
    this.#a.ldp(wide(target), x30, popped(16));
  }

  trap(): void {
    this.#a.brk();
  }

  protected enterKernel(name?: SyscallName): void {
    this.#a.syscall(name);
  }

  /** A number of up to 16 bits, also shifted or inverted, takes one instruction. */
  #set(target: arm64.Register, value: number): void {
    const low = value >= 0x10000 ? value % 0x10000 : 0;
    this.#a.mov(target, low || value);
    if (low) this.#a.movk(target, Math.floor(value / 0x10000), 16);
  }

  #address(target: arm64.Register, { base, displacement }: Based): void {
    if (displacement !== 0) this.#sum('add', target, wide(base), displacement);
    else if (target !== wide(base)) this.#a.mov(target, wide(base));
  }

  /** The register of a value. */
  #stored(value: Value): arm64.Register {
    if (typeof value !== 'number') return wide(value);
    if (value === 0) return arm64.xzr;
    this.#set(x17, value);
    return x17;
  }

  /** A number of up to 12 bits takes one instruction, and one of up to 24 bits takes two. */
  #sum(name: 'add' | 'sub', target: arm64.Register, left: arm64.Register, right: Value): void {
    if (typeof right !== 'number') this.#a[name](target, left, wide(right));
    else {
      const low = right % 0x1000;
      if (right > low) this.#a[name](target, left, right - low);
      if (low > 0) this.#a[name](target, right > low ? target : left, low);
    }
  }

  #compare(left: Register, right: Value): void {
    if (typeof right !== 'number') this.#a.cmp(wide(left), wide(right));
    else if (right < 0 && right > -0x1000) this.#a.cmn(wide(left), -right);
    else if (right >= 0 && right < 0x1000) this.#a.cmp(wide(left), right);
    else {
      this.#set(x17, right);
      this.#a.cmp(wide(left), x17);
    }
  }
}
