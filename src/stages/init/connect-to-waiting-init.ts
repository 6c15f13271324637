import { seccompReceiver } from '../../config/crun-annotations.ts';
import { connectToInit } from '../../init/channel/connect-to-init.ts';
import { openInit } from '../../init/open-init.ts';
import type { RuntimeContext } from '../../lifecycle/context.ts';

/** Connects to the init that waits for its start. */
export function connectToWaitingInit(ctx: RuntimeContext): void {
  ctx.readiness?.listen(ctx.stateDir);
  ctx.channel = connectToInit(ctx.stateDir);
  if (!seccompReceiver(ctx.spec)) return;
  // The runtime takes a seccomp filter's listener from init through init's pidfd.
  const pidfd = openInit(ctx.record);
  if (pidfd !== undefined) ctx.init = { pid: ctx.record.initPid, pidfd };
}
