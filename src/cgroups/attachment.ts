import { constants, openSync, writeSync } from 'node:fs';
import { hasErrno } from '../errors/syscall-error.ts';
import { withHint } from '../errors/with-hint.ts';
import { noteProcessCall } from '../syscalls/ffi/process-calls.ts';
import { closeFd } from '../syscalls/files/close-fd.ts';
import { SCHED_FIFO, SCHED_RR, schedGetscheduler } from '../syscalls/task/sched.ts';
import type { CgroupAttachment, JoinOptions } from './cgroup.ts';
import { fileError } from './files.ts';

/** A file through which a process moves itself into a cgroup: v1's tasks, or cgroup.procs. */
export interface JoinFile {
  file: string;
  /** True when the cgroup would be charged for setup: for memory, or for limited CPU time. */
  chargesSetup: boolean;
  /** True when failing to join is no error, as in runc. */
  optional: boolean;
  /** The same file of the runtime's own cgroup, to go back there. */
  returnFile?: string | undefined;
}

interface OpenJoinFile extends JoinFile {
  fd: number;
  returnFd: number | undefined;
}

/** Opens `joinFiles` and, when given, the directory for CLONE_INTO_CGROUP. */
export function openAttachment(
  joinFiles: readonly JoinFile[],
  cloneInto?: string,
): CgroupAttachment {
  using opening = new DisposableStack();
  const open = (path: string, flags: number) => opening.adopt(openSync(path, flags), closeFd);
  try {
    const opened = joinFiles
      .map((joinFile) => openJoinFile(joinFile, open))
      .filter((joinFile) => joinFile !== undefined);
    const directory = cloneInto === undefined ? undefined : open(cloneInto, DIRECTORY);
    const charging = opened.filter((joinFile) => joinFile.chargesSetup);
    const fds = opening.move();
    return {
      cloneInto: directory,
      chargingJoinFds: charging.some((joinFile) => joinFile.optional)
        ? undefined
        : charging.map(({ fd }) => fd),
      join: (options) => join(opened, options),
      runInsideCharging: (action) => runInside(charging, action),
      [Symbol.dispose]: () => fds.dispose(),
    };
  } catch (error) {
    throw fileError(error, 'open', 'open a cgroup to attach to');
  }
}

const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY;

function openJoinFile(
  joinFile: JoinFile,
  open: (path: string, flags: number) => number,
): OpenJoinFile | undefined {
  try {
    const fd = open(joinFile.file, constants.O_WRONLY);
    return { ...joinFile, fd, returnFd: openReturnFile(joinFile, open) };
  } catch (error) {
    if (joinFile.optional) return undefined;
    throw error;
  }
}

/** Without permission to go back (the runtime's own cgroup is not delegated) the process stays. */
function openReturnFile(
  { returnFile }: JoinFile,
  open: (path: string, flags: number) => number,
): number | undefined {
  if (returnFile === undefined) return undefined;
  try {
    return open(returnFile, constants.O_WRONLY);
  } catch (error) {
    if (isPermission(error)) return undefined;
    throw error;
  }
}

function join(
  joinFiles: readonly OpenJoinFile[],
  { charging }: JoinOptions = { charging: 'now' },
): void {
  for (const joinFile of joinFiles) {
    if (joinFile.chargesSetup ? charging === 'later' : charging === 'only') continue;
    if (!enter(joinFile)) continue;
    const { fd } = joinFile;
    noteProcessCall(() => ({ syscall: 'write', arguments: [{ fd }, '0', 1] }));
  }
}

/** False when an optional hierarchy refuses the process. */
function enter({ fd, file, optional }: OpenJoinFile): boolean {
  try {
    writeSync(fd, '0');
    return true;
  } catch (error) {
    if (optional) return false;
    // sched_rt_can_attach in kernel/sched/rt.c, for the controller cpu of version 1.
    const hint = hasErrno(error, 'EINVAL') && isRealtime() ? REALTIME : undefined;
    throw withHint(fileError(error, 'write', `write "0" to ${file}`), hint);
  }
}

const REALTIME =
  'davit itself has a real-time policy, but the cgroup has no real-time CPU time: set linux.resources.cpu.realtimeRuntime, or start davit without chrt';

function isRealtime(): boolean {
  return [SCHED_FIFO, SCHED_RR].includes(schedGetscheduler(0));
}

function runInside(joinFiles: readonly OpenJoinFile[], action: () => void): void {
  for (const joinFile of joinFiles) enter(joinFile);
  try {
    action();
  } finally {
    for (const { returnFd } of joinFiles) if (returnFd !== undefined) writeSync(returnFd, '0');
  }
}

/** Errors of a runtime that may not write to a cgroup, as rootless ones meet them. */
export const isPermission = (error: unknown): boolean =>
  hasErrno(error, 'EACCES', 'EPERM', 'EROFS');
