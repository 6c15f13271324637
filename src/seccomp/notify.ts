import type { Seccomp } from '../config/types.ts';

/** Whether installing the profile gives a listener to be sent to `listenerPath`. */
export const usesNotify = ({ syscalls = [] }: Seccomp): boolean =>
  syscalls.some(({ action }) => action === 'SCMP_ACT_NOTIFY');

/** Throws runc's errors where a notification would stop init before the agent has the listener. */
export function checkNotify({ defaultAction, syscalls = [] }: Seccomp): void {
  if (defaultAction === 'SCMP_ACT_NOTIFY') {
    throw new Error('SCMP_ACT_NOTIFY cannot be used as default action');
  }
  // init reports the listener's fd by write(2).
  const notified = syscalls.filter(({ action }) => action === 'SCMP_ACT_NOTIFY');
  if (notified.some(({ names }) => names.includes('write'))) {
    throw new Error('SCMP_ACT_NOTIFY cannot be used for the write syscall');
  }
}
