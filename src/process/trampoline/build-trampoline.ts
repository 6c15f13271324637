import { type Blob, BlobArea, cString, stringArray } from './blob.ts';
import { BASE_ADDRESS, elf64, HEADERS_SIZE } from './elf.ts';
import {
  ENTRY_SIZE,
  FIRST_ARGUMENT_IS_RESULT,
  machineCode,
  REPORT_FD_OFFSET,
  REPORT_RESULT,
  TABLE_OFFSET,
  type TrampolineArch,
} from './machine-code.ts';
import { SYSCALL_NUMBERS, type TrampolineSyscall } from './syscall-numbers.ts';

/** In place of a call's first argument: what the call before it returned. */
export const PREVIOUS_RESULT = Symbol('previous result');

/** One system call of the trampoline. A blob is passed by its address. */
export interface TrampolineCall {
  syscall: TrampolineSyscall;
  /** Up to six; the rest are 0. */
  arguments: readonly (number | bigint | Blob | typeof PREVIOUS_RESULT)[];
  /** An errno that is no failure. */
  tolerated?: number;
  /** Tell the report fd what the call returned, as { call, -result }. */
  report?: boolean;
  /** The field of config.json that asked for the call, for errors. */
  configPath?: string;
}

export interface Trampoline {
  calls: readonly TrampolineCall[];
  /** The program to become: execve(2)'s arguments. */
  exec: { path: string; argv: readonly string[]; env: readonly string[] };
  /** Gets { int32 call, int32 errno } when a call fails; the call after the last is execve. */
  reportFd: number;
  /** Default: this machine's. */
  arch?: TrampolineArch;
}

/**
 * A static ELF program that makes the calls and becomes the program, or says on `reportFd` which
 * call failed and exits with status 1.
 */
export function buildTrampoline({ calls, exec, reportFd, arch = hostArch() }: Trampoline): Buffer {
  const all = [...calls, execve(exec)];
  const blobs = new BlobArea(
    BASE_ADDRESS + BigInt(HEADERS_SIZE + TABLE_OFFSET + ENTRY_SIZE * all.length),
  );
  const table = Buffer.concat(all.map((call) => entry(call, arch, blobs)));
  const report = Buffer.alloc(TABLE_OFFSET - REPORT_FD_OFFSET);
  report.writeInt32LE(reportFd, 0);
  return elf64(arch, Buffer.concat([machineCode(arch), report, table, blobs.bytes]));
}

function execve({ path, argv, env }: Trampoline['exec']): TrampolineCall {
  return { syscall: 'execve', arguments: [cString(path), stringArray(argv), stringArray(env)] };
}

function entry(call: TrampolineCall, arch: TrampolineArch, blobs: BlobArea): Buffer {
  const bytes = Buffer.alloc(ENTRY_SIZE);
  bytes.writeBigUInt64LE(BigInt(SYSCALL_NUMBERS[call.syscall][arch]), 0);
  call.arguments.forEach((argument, i) => {
    if (argument === PREVIOUS_RESULT) return;
    const value = typeof argument === 'object' ? blobs.add(argument) : BigInt(argument);
    bytes.writeBigUInt64LE(BigInt.asUintN(64, value), 8 + 8 * i);
  });
  const first = call.arguments[0] === PREVIOUS_RESULT ? FIRST_ARGUMENT_IS_RESULT : 0;
  bytes.writeInt32LE(first | (call.report ? REPORT_RESULT : 0), 56);
  bytes.writeInt32LE(call.tolerated ?? 0, 60);
  return bytes;
}

function hostArch(): TrampolineArch {
  if (process.arch === 'x64' || process.arch === 'arm64') return process.arch;
  throw new Error(`no trampoline for ${process.arch}`);
}
