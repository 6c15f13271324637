import { openSync, readSync } from 'node:fs';
import { closeFd } from '../../syscalls/files/close-fd.ts';
import { O_PATH } from '../../syscalls/files/file.ts';
import { pipe2 } from '../../syscalls/files/pipe.ts';
import type { SpawnOptions } from '../../syscalls/task/spawn.ts';
import type { RemoteChild } from '../parent/init-parent.ts';
import { cString } from '../trampoline/blob.ts';
import { buildTrampoline, type TrampolineCall } from '../trampoline/build-trampoline.ts';
import { writeTrampoline } from '../trampoline/exec-trampoline.ts';
import { cleanSignals } from '../trampoline/signal-calls.ts';
import { trampolineFile } from '../trampoline/trampoline-file.ts';
import { ChildFds } from './child-fds.ts';
import { outliveParent, sendProgram } from './send-program.ts';

// linux/close_range.h
const CLOSE_RANGE_CLOEXEC = 1 << 2;

/**
 * Has a front's child execute a program, as posix_spawn(3) would. Returns an fd that is readable once
 * the child has executed it or has failed, for {@link reportedErrno}.
 */
export function handProgram(
  { socket, programFd }: RemoteChild,
  { path, argv, env, fds, cwd, newSession }: SpawnOptions,
): number {
  using passed = new DisposableStack();
  using kept = new DisposableStack();
  const numbers = new ChildFds(programFd + 1);
  const [report, childsEnd] = pipe2();
  kept.adopt(report, closeFd);
  passed.adopt(childsEnd, closeFd);
  const calls: TrampolineCall[] = [
    ...cleanSignals(),
    outliveParent,
    ...(newSession ? [{ syscall: 'setsid', arguments: [] } as const] : []),
    ...(cwd === undefined ? [] : [{ syscall: 'chdir', arguments: [cString(cwd)] } as const]),
    ...fds.map(
      ([from, to]): TrampolineCall => ({ syscall: 'dup3', arguments: [{ fd: from }, to, 0] }),
    ),
    { syscall: 'close_range', arguments: [fds.length, -1, CLOSE_RANGE_CLOEXEC] },
  ];
  const exec = { path, argv, env };
  const fdNumber = (fd: number) => numbers.numberOf(fd);
  const image = buildTrampoline({ calls, exec, reportFd: childsEnd, fdNumber });
  const procfs = passed.adopt(openSync('/proc', O_PATH), closeFd);
  const file = trampolineFile('/run', { unreadable: false });
  const program = passed.adopt(writeTrampoline(image, file, procfs), closeFd);
  // If the child has ended, the end of the report tells so.
  sendProgram(socket, '', [program, ...numbers.list]);
  kept.move();
  return report;
}

/** The errno of what failed: { int32 call, int32 errno }. Undefined at the end of the report. */
export function reportedErrno(report: number): number | undefined {
  const bytes = Buffer.alloc(8);
  return readSync(report, bytes) === bytes.length ? bytes.readInt32LE(4) : undefined;
}
