import { closeSync } from 'node:fs';
import type { InitContext, RuntimeContext } from '../../lifecycle/context.ts';
import type { Stage } from '../../lifecycle/stage.ts';
import { Channel } from '../../process/channel/channel.ts';
import { forkInto, type NamespacePlan } from '../../process/fork/join.ts';
import { runInit } from '../../process/init.ts';
import { trampolineFile } from '../../process/trampoline/exec-trampoline.ts';
import { waitpid } from '../../syscalls/process.ts';

/** Forks the process that walks `stages` on the container's side, connected by a channel. */
export function forkProcess(
  ctx: RuntimeContext,
  plan: NamespacePlan,
  stages: () => readonly Stage[],
): void {
  const [ours, theirs] = Channel.pair();
  const secret = !ctx.unprivileged;
  const trampoline = trampolineFile({ secret });
  try {
    ctx.init = forkInto({ ...plan, secret, cgroup: ctx.attachment?.cloneInto }, () => {
      ours.close();
      runInit(initContext(ctx, theirs, trampoline), stages());
    });
    ctx.channel = ours;
    // A process that has only begun is no init yet: how long it takes is part of the fork.
    if (ours.receive()?.type !== 'ready') throw new Error('init ended before its first stage');
  } finally {
    closeSync(trampoline);
    theirs.close();
    if (!ctx.init) ours.close();
  }
}

function initContext(ctx: RuntimeContext, channel: Channel, trampoline: number): InitContext {
  return {
    ...ctx,
    process: ctx.spec.process!,
    channel,
    procfs: -1,
    rootfsFd: -1,
    trampoline,
    terminal: undefined,
    executable: '',
    environment: [],
  };
}

/** Kills what {@link forkProcess} forked and waits for its end. */
export function killForked(ctx: RuntimeContext): void {
  ctx.channel?.close();
  if (!ctx.init) return;
  process.kill(ctx.init.pid, 'SIGKILL');
  waitpid(ctx.init.pid);
  closeSync(ctx.init.pidfd);
  ctx.init = undefined;
}
