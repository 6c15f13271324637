import type { Seccomp } from '../config/types.ts';

/** Whether installing the profile gives a listener to be sent to `listenerPath`. */
export const usesNotify = ({ syscalls = [] }: Seccomp): boolean =>
  syscalls.some(({ action }) => action === 'SCMP_ACT_NOTIFY');

/** Throws, in runc's words, where notification would stop init before anybody listens. */
export function checkNotify({ defaultAction, syscalls = [] }: Seccomp): void {
  if (defaultAction === 'SCMP_ACT_NOTIFY') {
    throw new Error('SCMP_ACT_NOTIFY cannot be used as default action');
  }
  // init says by write(2) which fd the listener is.
  const notified = syscalls.filter(({ action }) => action === 'SCMP_ACT_NOTIFY');
  if (notified.some(({ names }) => names.includes('write'))) {
    throw new Error('SCMP_ACT_NOTIFY cannot be used for the write syscall');
  }
}
