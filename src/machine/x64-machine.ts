import {
  type Base,
  type Based,
  Machine,
  type Place,
  type Register,
  type Value,
} from './machine.ts';
import type { SyscallName } from './syscall-numbers.ts';
import * as x64 from './x64.ts';

const { rax, rdx } = x64;

/** The registers that the kernel expects, keeps and changes, as syscall(2) says. */
const REGISTERS = {
  ...{ a0: x64.rdi, a1: x64.rsi, a2: rdx, a3: x64.r10, a4: x64.r8, a5: x64.r9 },
  ...{ s0: x64.rbx, s1: x64.rbp, s2: x64.r12, s3: x64.r13, s4: x64.r14, s5: x64.r15 },
  ...{ t0: x64.rcx, t1: x64.r11, result: rax, number: rax, sp: x64.rsp },
} satisfies Record<Base, x64.Register>;

/** Registers that a C function must preserve (System V ABI, AMD64). */
const PRESERVED = [x64.rbx, x64.rbp, x64.r12, x64.r13, x64.r14, x64.r15];

const wide = (name: Base): x64.Register => REGISTERS[name];
/** The lower 32 bits of a register. */
const low = (name: Base): x64.Register => x64.half(REGISTERS[name]);

const memory = (place: Place): x64.Memory =>
  'label' in place ? x64.behind(place.label) : x64.at(wide(place.base), place.displacement);

/** The instructions of `Machine` on x86-64. */
export class X64Machine extends Machine {
  readonly arch = 'x64';
  readonly #a = new x64.X64(this);

  move(target: Base, source: Base): void {
    if (wide(target) !== wide(source)) this.#a.mov(wide(target), wide(source));
  }

  set(target: Register, value: number): void {
    if (value === 0) this.#a.xor(low(target), low(target));
    else this.#a.mov(value < 0 ? wide(target) : low(target), value);
  }

  address(target: Register, place: Place): void {
    if ('base' in place && place.displacement === 0) this.move(target, place.base);
    else this.#a.lea(wide(target), memory(place));
  }

  load(target: Register, place: Place): void {
    this.#a.mov(wide(target), memory(place));
  }

  load32(target: Register, place: Place): void {
    this.#a.mov(low(target), memory(place));
  }

  load16(target: Register, place: Based): void {
    this.#a.movsxWord(wide(target), memory(place));
  }

  load8(target: Register, place: Based): void {
    this.#a.movzxByte(low(target), memory(place));
  }

  store(place: Based, value: Value): void {
    if (typeof value === 'number') this.#a.movWide(memory(place), value);
    else this.#a.mov(memory(place), wide(value));
  }

  store32(place: Based, value: Value): void {
    this.#a.mov(memory(place), typeof value === 'number' ? value : low(value));
  }

  store8(place: Based, value: Value): void {
    this.#a.movByte(memory(place), typeof value === 'number' ? value : x64.byte(wide(value)));
  }

  add(target: Base, value: Value): void {
    this.#a.add(wide(target), operand(value));
  }

  subtract(target: Base, value: Value): void {
    this.#a.sub(wide(target), operand(value));
  }

  negate(target: Register): void {
    this.#a.neg(wide(target));
  }

  shiftLeft(target: Register, bits: number): void {
    this.#a.shl(wide(target), bits);
  }

  shiftRight(target: Register, bits: number): void {
    this.#a.shr(wide(target), bits);
  }

  divide(target: Register, by: number, remainder: Register): void {
    this.move('result', target);
    this.set('a2', 0);
    this.set(remainder, by);
    this.#a.div(wide(remainder));
    this.move(remainder, 'a2');
    this.move(target, 'result');
  }

  jump(label: string): void {
    this.#a.jmp(label);
  }

  ifEqual(left: Register, right: Value, label: string): void {
    this.#compare(left, right);
    this.#a.je(label);
  }

  ifNotEqual(left: Register, right: Value, label: string): void {
    this.#compare(left, right);
    this.#a.jne(label);
  }

  ifBelow(left: Register, right: Value, label: string): void {
    this.#compare(left, right);
    this.#a.jb(label);
  }

  ifNotBelow(left: Register, right: Value, label: string): void {
    this.#compare(left, right);
    this.#a.jae(label);
  }

  ifNegative(register: Register, label: string): void {
    this.#a.test(wide(register), wide(register));
    this.#a.js(label);
  }

  ifFlagClear(register: Register, flag: number, label: string): void {
    this.#a.bt(low(register), Math.log2(flag));
    this.#a.jae(label);
  }

  /** The processor keeps the order of all accesses that matters here. */
  loadAcquire32(target: Register, place: Based): void {
    this.load32(target, place);
  }

  storeRelease32(place: Based, value: number): void {
    this.store32(place, value);
  }

  compareExchange32(place: Based, from: number, to: number, otherwise: string): void {
    this.set('result', from);
    this.set('t0', to);
    this.#a.lockCmpxchg(memory(place), low('t0'));
    this.#a.jne(otherwise);
  }

  /** C passes the fourth argument in rcx. */
  enterFunction(): void {
    for (const register of PRESERVED) this.#a.push(register);
    this.#a.mov(wide('a3'), x64.rcx);
  }

  leaveFunction(): void {
    for (const register of [...PRESERVED].reverse()) this.#a.pop(register);
    this.#a.ret();
  }

  call(label: string): void {
    this.#a.call(label);
  }

  return(): void {
    this.#a.ret();
  }

  push(source: Register): void {
    this.#a.push(wide(source));
  }

  pop(target: Register): void {
    this.#a.pop(wide(target));
  }

  trap(): void {
    this.#a.ud2();
  }

  protected enterKernel(name?: SyscallName): void {
    this.#a.syscall(name);
  }

  #compare(left: Register, right: Value): void {
    if (right === 0) this.#a.test(wide(left), wide(left));
    else this.#a.cmp(wide(left), operand(right));
  }
}

const operand = (value: Value): x64.Register | number =>
  typeof value === 'number' ? value : wide(value);
