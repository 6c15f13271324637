import { constants, openSync, writeSync } from 'node:fs';
import { hasErrno } from '../errors/syscall-error.ts';
import { withHint } from '../errors/with-hint.ts';
import { closeFd } from '../syscalls/files/close-fd.ts';
import { SCHED_FIFO, SCHED_RR, schedGetscheduler } from '../syscalls/task/sched.ts';
import type { CgroupAttachment, JoinOptions } from './cgroup.ts';
import { fileError } from './files.ts';

/** A file through which a process moves itself into a cgroup: v1's tasks, or cgroup.procs. */
export interface JoinFile {
  file: string;
  /** True when the cgroup would be charged for setup: for memory, or for limited CPU time. */
  charged: boolean;
  /** True when failing to join is no error, as in runc. */
  optional: boolean;
  /** The same file of the runtime's own cgroup, to go back there. */
  back?: string | undefined;
}

interface OpenDoor extends JoinFile {
  fd: number;
  backFd: number | undefined;
}

/** Opens `doors` and, when given, the directory for CLONE_INTO_CGROUP. */
export function openAttachment(doors: readonly JoinFile[], cloneInto?: string): CgroupAttachment {
  using opening = new DisposableStack();
  const open = (path: string, flags: number) => opening.adopt(openSync(path, flags), closeFd);
  try {
    const opened = doors.map((door) => openDoor(door, open)).filter((door) => door !== undefined);
    const directory = cloneInto === undefined ? undefined : open(cloneInto, DIRECTORY);
    const charged = opened.filter((door) => door.charged);
    const fds = opening.move();
    return {
      cloneInto: directory,
      chargedJoinFds: charged.some((door) => door.optional)
        ? undefined
        : charged.map(({ fd }) => fd),
      join: (options) => join(opened, options),
      runInsideCharged: (action) => visit(charged, action),
      [Symbol.dispose]: () => fds.dispose(),
    };
  } catch (error) {
    throw fileError(error, 'open', 'open a cgroup to attach to');
  }
}

const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY;

function openDoor(
  door: JoinFile,
  open: (path: string, flags: number) => number,
): OpenDoor | undefined {
  try {
    const fd = open(door.file, constants.O_WRONLY);
    return { ...door, fd, backFd: openBack(door, open) };
  } catch (error) {
    if (door.optional) return undefined;
    throw error;
  }
}

/** Without permission to go back (the runtime's own cgroup is not delegated) a visitor stays. */
function openBack(
  { back }: JoinFile,
  open: (path: string, flags: number) => number,
): number | undefined {
  if (back === undefined) return undefined;
  try {
    return open(back, constants.O_WRONLY);
  } catch (error) {
    if (isPermission(error)) return undefined;
    throw error;
  }
}

function join(doors: readonly OpenDoor[], { charged }: JoinOptions = { charged: 'now' }): void {
  for (const door of doors) {
    if (door.charged ? charged === 'later' : charged === 'only') continue;
    enter(door);
  }
}

function enter({ fd, file, optional }: OpenDoor): void {
  try {
    writeSync(fd, '0');
  } catch (error) {
    if (optional) return;
    // sched_rt_can_attach in kernel/sched/rt.c, for the controller cpu of version 1.
    const hint = hasErrno(error, 'EINVAL') && isRealtime() ? REALTIME : undefined;
    throw withHint(fileError(error, 'write', `write "0" to ${file}`), hint);
  }
}

const REALTIME =
  'davit runs with a real-time policy, which its cgroup has no time for: set linux.resources.cpu.realtimeRuntime, or leave out chrt';

function isRealtime(): boolean {
  return [SCHED_FIFO, SCHED_RR].includes(schedGetscheduler(0));
}

function visit(doors: readonly OpenDoor[], action: () => void): void {
  for (const door of doors) enter(door);
  try {
    action();
  } finally {
    for (const { backFd } of doors) if (backFd !== undefined) writeSync(backFd, '0');
  }
}

/** Errors of a runtime that may not write to a cgroup, as rootless ones meet them. */
export const isPermission = (error: unknown): boolean =>
  hasErrno(error, 'EACCES', 'EPERM', 'EROFS');
