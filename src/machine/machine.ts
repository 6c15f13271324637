import { Assembler, type MachineArch } from './assembler.ts';
import type { SyscallName } from './syscall-numbers.ts';

/** A general-purpose register of 64 bits. */
export type Register = Argument | Kept | Scratch;
/** Where a system call, and a C function, takes its arguments. */
type Argument = 'a0' | 'a1' | 'a2' | 'a3' | 'a4' | 'a5';
/** System calls leave these as they are. */
type Kept = 's0' | 's1' | 's2' | 's3' | 's4' | 's5';
/** Lost in a system call. */
type Scratch = 't0' | 't1' | 'result' | 'number';

export const [a0, a1, a2, a3, a4, a5] = ['a0', 'a1', 'a2', 'a3', 'a4', 'a5'] as const;
export const [s0, s1, s2, s3, s4, s5] = ['s0', 's1', 's2', 's3', 's4', 's5'] as const;
export const [t0, t1] = ['t0', 't1'] as const;
/** What a system call returns. On arm64 this is also a0. */
export const result = 'result';
/** The number of the system call. On x86-64 this is also the result. */
export const number = 'number';
/** The stack pointer. A subroutine finds it changed, as `call` may use the stack. */
export const sp = 'sp';

/** A register that may hold the address of a place. */
export type Base = Register | typeof sp;

/** The memory at a register plus a displacement. */
export interface Based {
  base: Base;
  displacement: number;
}

/** The memory at a label of the program. */
interface Labelled {
  label: string;
}

export type Place = Based | Labelled;
export type Value = Register | number;

export const at = (base: Base, displacement = 0): Based => ({ base, displacement });
export const behind = (label: string): Labelled => ({ label });

/**
 * The instructions that davit's programs are written in, for every architecture. x64-machine.ts and
 * arm64-machine.ts say which instructions of the processor they are. Numbers have up to 32 bits.
 */
export abstract class Machine extends Assembler {
  abstract readonly arch: MachineArch;

  abstract move(target: Base, source: Base): void;
  abstract set(target: Register, value: number): void;
  abstract address(target: Register, place: Place): void;

  abstract load(target: Register, place: Place): void;
  /** Loads 32 bits, and zeros above them. */
  abstract load32(target: Register, place: Place): void;
  /** Loads 16 bits, a signed number. */
  abstract load16(target: Register, place: Based): void;
  /** Loads a byte, and zeros above it. */
  abstract load8(target: Register, place: Based): void;
  abstract store(place: Based, value: Value): void;
  abstract store32(place: Based, value: Value): void;
  abstract store8(place: Based, value: Value): void;

  abstract add(target: Base, value: Value): void;
  abstract subtract(target: Base, value: Value): void;
  abstract negate(target: Register): void;
  abstract shiftLeft(target: Register, bits: number): void;
  /** Zeros come from the left. */
  abstract shiftRight(target: Register, bits: number): void;
  /** Divides an unsigned number. `remainder` is not a2. Loses `result`, and a2 if not the target. */
  abstract divide(target: Register, by: number, remainder: Register): void;

  abstract jump(label: string): void;
  abstract ifEqual(left: Register, right: Value, label: string): void;
  abstract ifNotEqual(left: Register, right: Value, label: string): void;
  /** Compares unsigned numbers of 64 bits. A negative number stands for a large one. */
  abstract ifBelow(left: Register, right: Value, label: string): void;
  abstract ifNotBelow(left: Register, right: Value, label: string): void;
  abstract ifNegative(register: Register, label: string): void;
  /** `flag` is one bit. */
  abstract ifFlagClear(register: Register, flag: number, label: string): void;

  /** Loads 32 bits that another processor may store; later accesses come after it. */
  abstract loadAcquire32(target: Register, place: Based): void;
  /** Stores 32 bits that another processor may load, after all accesses before it. */
  abstract storeRelease32(place: Based, value: number): void;
  /** Replaces the 32 bits `from`, atomically, or goes to `otherwise`. Loses `result` and t0. */
  abstract compareExchange32(place: Based, from: number, to: number, otherwise: string): void;

  /** Begins a function that C calls with up to five arguments: saves what it must preserve. */
  abstract enterFunction(): void;
  /** Returns from such a function. */
  abstract leaveFunction(): void;
  /** Calls a subroutine. */
  abstract call(label: string): void;
  /** Returns from a subroutine. */
  abstract return(): void;
  /** Puts 64 bits on the stack. Until it takes them off, a subroutine may call others. */
  abstract push(source: Register): void;
  abstract pop(target: Register): void;
  /** Kills the process. Stands where execution must never get to. */
  abstract trap(): void;

  /**
   * Makes a system call: `name`, or the one whose number is in `number`. First it sets the arguments:
   * to a number, the content of a register or the address of a place.
   */
  syscall(name?: SyscallName, ...values: readonly (Value | Place | typeof sp)[]): void {
    values.forEach((value, i) => {
      const target = `a${i}` as Argument;
      const source = typeof value === 'object' && 'base' in value ? value.base : value;
      if (isLost(source, i)) throw new Error(`${source} as argument ${i} is lost`);
      if (typeof value === 'number') this.set(target, value);
      else if (typeof value === 'object') this.address(target, value);
      else if (value !== target) this.move(target, value);
    });
    this.enterKernel(name);
  }

  /** Ends the process. */
  exit(status: Value): void {
    this.syscall('exit_group', status);
    this.trap();
  }

  protected abstract enterKernel(name?: SyscallName): void;
}

/** Whether the registers of the arguments before `index` include this one. */
function isLost(source: unknown, index: number): boolean {
  if (source === result) return index > 0;
  return typeof source === 'string' && /^a\d$/.test(source) && Number(source[1]) < index;
}
