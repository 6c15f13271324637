import { seccompReceiver } from '../../config/crun-annotations.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { hasHooks } from '../../hooks/run-hooks.ts';
import { connectToInit } from '../../init/channel/connect-to-init.ts';
import { openInit } from '../../init/open-init.ts';
import type { RuntimeContext } from '../../lifecycle/context.ts';
import { lockStart } from '../../state/start-lock.ts';
import { closeFd } from '../../syscalls/files/close-fd.ts';
import { ALREADY_RUNNING } from '../state/read-state.ts';

/** Connects to the init that waits for its start. */
export function connectToWaitingInit(ctx: RuntimeContext): void {
  const { spec, stateDir, record, readiness, atEnd } = ctx;
  readiness?.listen(stateDir);
  if (hasHooks(spec, 'startContainer')) {
    const lock = lockStart(stateDir);
    if (lock === undefined) throw new RuntimeError(ALREADY_RUNNING);
    atEnd.adopt(lock, closeFd);
  }
  ctx.channel = atEnd.use(connectToInit(stateDir));
  if (ctx.init || !seccompReceiver(spec)) return;
  // The runtime takes a seccomp filter's listener from init through init's pidfd.
  const pidfd = openInit(record);
  if (pidfd !== undefined) ctx.init = { pid: record.initPid, pidfd: atEnd.adopt(pidfd, closeFd) };
}
