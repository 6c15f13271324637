import { openSync, writeFileSync } from 'node:fs';
import type { Spec } from '../config/types.ts';
import { atPath } from '../errors/node-error.ts';
import { atField } from '../errors/stage-error.ts';
import { closeFd } from '../syscalls/files/close-fd.ts';
import { CLONE_NEWTIME, setns, unshare } from '../syscalls/task/namespaces.ts';

const OFFSETS = '/proc/self/timens_offsets';

/** Lines for /proc/PID/timens_offsets (time_namespaces(7)); empty where there are none. */
export const timeOffsets = ({ linux }: Spec): string =>
  Object.entries(linux?.timeOffsets ?? {})
    .map(([clock, { secs = 0, nanosecs = 0 }]) => `${clock} ${secs} ${nanosecs}\n`)
    .join('');

/**
 * Makes a time namespace for the processes that are forked from now on: its creator stays outside.
 */
export function makeTimeNamespace(offsets: string): void {
  unshare(CLONE_NEWTIME);
  // The offsets cannot change once a process is inside.
  atField('linux.timeOffsets', () => atPath(OFFSETS, () => writeFileSync(OFFSETS, offsets)));
}

/** Enters the namespace that was made; the process must have one thread. */
export function enterTimeNamespace(): void {
  using fds = new DisposableStack();
  const namespace = fds.adopt(openSync('/proc/self/ns/time_for_children', 'r'), closeFd);
  setns(namespace, CLONE_NEWTIME);
}
