import { seccompReceiver } from '../config/crun-annotations.ts';
import type { ContainerStatus } from '../config/names/container-statuses.ts';
import type { RuntimeContext } from '../context/context.ts';
import { FieldError } from '../errors/stage-error.ts';
import { hasErrno } from '../errors/syscall-error.ts';
import { sendSeccompListener } from './listener.ts';

/**
 * Sends the listener to the profile's agent. `fd` is its number in init, as init or the trampoline
 * reported it.
 */
export function passListener(ctx: RuntimeContext, fd: number, status: ContainerStatus): void {
  const { id, bundle, spec, record, init } = ctx;
  const receiver = seccompReceiver(spec);
  if (!receiver || !init) throw new Error('no seccomp listenerPath');
  try {
    sendSeccompListener({
      receiver,
      metadata: spec.linux?.seccomp?.listenerMetadata,
      pid: init.pid,
      pidfd: init.pidfd,
      fd,
      state: {
        ociVersion: record.ociVersion,
        id,
        status,
        pid: record.initPid || init.pid,
        bundle,
        ...(spec.annotations ? { annotations: spec.annotations } : {}),
      },
    });
  } catch (error) {
    // init has ended, as the filter refused the call that waits for the answer. init's report of
    // that is the next message.
    if (hasErrno(error, 'ESRCH')) return;
    throw error instanceof FieldError ? error : new FieldError('linux.seccomp', error);
  }
}
