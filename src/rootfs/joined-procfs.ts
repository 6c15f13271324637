import { closeSync, openSync, readFileSync } from 'node:fs';
import { RuntimeError } from '../errors/runtime-error.ts';
import { hasErrno } from '../errors/syscall-error.ts';
import { fsconfigSetFd, fsopen } from '../syscalls/mount/mount-api.ts';

/**
 * A configuration context (fsopen(2)) for a procfs that shows pid namespace `namespace`, of which
 * the caller is no member. Linux 6.18 takes the option pidns; `ready` are contexts for older
 * kernels.
 */
export function openJoinedProcfs(namespace: number, contexts: number[] = []): number {
  const fsFd = tryPidnsOption(namespace) ?? contexts.shift();
  if (fsFd !== undefined) return fsFd;
  throw new RuntimeError('cannot make a procfs of the joined pid namespace', NO_CONTEXT);
}

const NO_CONTEXT =
  'before Linux 6.18, davit can do this only for mounts of type proc in config.json';

/** Undefined where the kernel lacks the option. */
export function tryPidnsOption(namespace: number): number | undefined {
  const fsFd = fsopen('proc');
  try {
    fsconfigSetFd(fsFd, 'pidns', namespace);
    return fsFd;
  } catch (error) {
    closeSync(fsFd);
    if (hasErrno(error, 'EINVAL')) return undefined;
    throw error;
  }
}

let shows: boolean | undefined;

/** Whether this kernel can make a procfs of a pid namespace of which the caller is no member. */
export function canShowPidNamespace(): boolean {
  shows ??= tryOwn();
  return shows;
}

function tryOwn(): boolean {
  const own = openSync('/proc/self/ns/pid', 'r');
  try {
    const fsFd = tryPidnsOption(own);
    if (fsFd !== undefined) closeSync(fsFd);
    return fsFd !== undefined;
  } catch (error) {
    // An ordinary user may try it only in a user namespace.
    if (hasErrno(error, 'EPERM')) return isAtLeast(6, 18);
    throw error;
  } finally {
    closeSync(own);
  }
}

/** Whether the kernel is of this version, or a later one. */
function isAtLeast(major: number, minor: number): boolean {
  const version = readFileSync('/proc/sys/kernel/osrelease', 'latin1');
  const [first = 0, second = 0] = version.split('.').map(Number);
  return first > major || (first === major && second >= minor);
}
