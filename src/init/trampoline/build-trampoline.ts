import { hostArch, type MachineArch } from '../../machine/assembler.ts';
import { SYSCALL_NUMBERS, type SyscallName } from '../../machine/syscall-numbers.ts';
import {
  ENTRY,
  FIRST_ARGUMENT_IS_RESULT,
  IS_EXPLAINED,
  REPORT_RESULT,
} from '../../machine/trampoline/table.ts';
import { trampolineProgram } from '../../machine/trampoline/trampoline.ts';
import { type Blob, cString } from './blob.ts';
import { BlobArea } from './blob-area.ts';
import { BASE_ADDRESS, elf64, HEADERS_SIZE } from './elf.ts';

/** In place of a call's first argument: what the call before it returned. */
export const PREVIOUS_RESULT = Symbol('previous result');

/** An fd, by its number in the process that builds the trampoline. */
export interface Fd {
  readonly fd: number;
}

/** One system call of the trampoline. A blob is passed by its address. */
export interface TrampolineCall {
  syscall: SyscallName;
  /** Up to six, the rest are 0. Numbers have 32 bits, signed or not. */
  arguments: readonly (number | Fd | Blob | typeof PREVIOUS_RESULT)[];
  /** An errno that is no failure. */
  tolerated?: number;
  /** Write what the call returned to the report fd, as { call, -result }, unless that is 0. */
  report?: boolean;
  /** The report of its failure is answered with text for stderr. */
  explained?: boolean;
  /** The next call when this one returns 0: so many further (back when negative), or the end. */
  whenZero?: number | 'exit';
  /** The call's number in reports. Default: its index in `calls`. */
  index?: number;
  /** The field of config.json that asked for the call, for errors. */
  configPath?: string;
}

export interface Trampoline {
  calls: readonly TrampolineCall[];
  /** The program to become: execve(2)'s arguments. */
  exec: { path: string; argv: readonly string[]; env: readonly string[] };
  /** Gets { int32 call, int32 errno } when a call fails; the call after the last is execve. */
  reportFd: number;
  /** Where the text for stderr comes from after a failed execve was reported. Default: no text. */
  answerFd?: number | undefined;
  /** The number of execve in reports. Default: `calls.length`. */
  execIndex?: number;
  /** Default: this machine's. */
  arch?: MachineArch;
  /** The number that an fd has in the process that executes the trampoline. Default: the same. */
  fdNumber?: (fd: number) => number;
}

/**
 * A static ELF program that makes the calls and becomes the program, or says on `reportFd` which
 * call failed and exits with status 1.
 */
export function buildTrampoline(trampoline: Trampoline): Buffer {
  const { calls, exec, answerFd, reportFd, arch = hostArch() } = trampoline;
  const { execIndex = calls.length, fdNumber = (fd) => fd } = trampoline;
  const last = { ...execve(exec), explained: answerFd !== undefined, index: execIndex };
  const all = [...calls, last, EXIT];
  const { code, labels } = trampolineProgram(arch);
  const head = Buffer.alloc(labels.table + ENTRY.size * all.length);
  code.copy(head);
  head.writeInt32LE(fdNumber(reportFd), labels.reportFd);
  head.writeInt32LE(answerFd === undefined ? -1 : fdNumber(answerFd), labels.answerFd);
  const blobs = new BlobArea(BASE_ADDRESS + HEADERS_SIZE + head.length);
  all.forEach((call, i) => {
    const at = labels.table + ENTRY.size * i;
    writeEntry(head, at, call, { arch, blobs, fdNumber });
    head.writeInt32LE(call.index ?? i, at + ENTRY.index);
    const { whenZero = 1 } = call;
    head.writeInt16LE(whenZero === 'exit' ? all.length - 1 - i : whenZero, at + ENTRY.stepWhenZero);
  });
  return elf64(arch, head, blobs.bytes);
}

/** The target of `whenZero: 'exit'`: ends the trampoline without a report. */
const EXIT: TrampolineCall = { syscall: 'exit_group', arguments: [1] };

function execve({ path, argv, env }: Trampoline['exec']): TrampolineCall {
  return { syscall: 'execve', arguments: [cString(path), { strings: argv }, { strings: env }] };
}

/** What the arguments of calls are translated with. */
interface Target extends Required<Pick<Trampoline, 'arch' | 'fdNumber'>> {
  blobs: BlobArea;
}

function writeEntry(
  head: Buffer,
  at: number,
  call: TrampolineCall,
  { arch, blobs, fdNumber }: Target,
): void {
  const wordOf = (argument: number | Fd | Blob): number => {
    if (typeof argument === 'number') return argument;
    return 'fd' in argument ? fdNumber(argument.fd) : blobs.add(argument);
  };
  head.writeInt32LE(SYSCALL_NUMBERS[call.syscall][arch], at + ENTRY.number);
  for (const [i, argument] of call.arguments.entries()) {
    if (argument === PREVIOUS_RESULT) continue;
    writeWord(head, at + ENTRY.arguments + 8 * i, wordOf(argument));
  }
  const flags =
    (call.arguments[0] === PREVIOUS_RESULT ? FIRST_ARGUMENT_IS_RESULT : 0) |
    (call.report ? REPORT_RESULT : 0) |
    (call.explained ? IS_EXPLAINED : 0);
  head.writeInt16LE(flags, at + ENTRY.flags);
  head.writeInt32LE(call.tolerated ?? 0, at + ENTRY.tolerated);
}

/** A 64-bit register. Numbers are 32-bit ones, signed or not, and need no bigint. */
function writeWord(bytes: Buffer, at: number, value: number): void {
  bytes.writeUInt32LE(value >>> 0, at);
  if (value < 0) bytes.writeInt32LE(-1, at + 4);
}
