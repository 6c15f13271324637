import { seccompReceiver } from '../config/crun-annotations.ts';
import type { ContainerStatus } from '../config/names/container-statuses.ts';
import { FieldError } from '../errors/stage-error.ts';
import { failedWith } from '../errors/syscall-error.ts';
import type { RuntimeContext } from '../lifecycle/context.ts';
import { sendSeccompListener } from './listener.ts';

/**
 * Hands the listener that init, or its trampoline, reported to the profile's agent. The report is an
 * 8-byte packet, as that of a failed exec, whose errno is the fd negated.
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
    // It is gone: the filter refused it the wait for us. What it said of that is the next message.
    if (failedWith(error, 'ESRCH')) return;
    throw error instanceof FieldError ? error : new FieldError('linux.seccomp', error);
  }
}
