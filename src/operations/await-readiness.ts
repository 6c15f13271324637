import { closeSync } from 'node:fs';
import type { RuntimeContext } from '../lifecycle/context.ts';
import { openInit } from '../process/open-init.ts';
import { Readiness } from '../process/readiness.ts';
import { POLLIN, type PollFd, poll } from '../syscalls/poll.ts';
import { WAIT } from '../telemetry/attributes.ts';
import type { Session } from './session.ts';

/** Connects `ctx` to the service manager, which NOTIFY_SOCKET names; closeLaunch closes it. */
export function connectToManager(ctx: RuntimeContext, address: string): void {
  ctx.readiness = new Readiness(address, ctx.warn);
}

/**
 * Waits until the program is ready, and has told the service manager so, or has ended. As with the
 * program's own time, this is a span that is no stage's.
 */
export function awaitReadiness(session: Session, ctx: RuntimeContext): void {
  const pidfd = ctx.init?.pidfd ?? openInit(ctx.record);
  if (pidfd === undefined) return;
  const start = process.hrtime.bigint();
  try {
    if (isReady(ctx, pidfd)) ctx.readiness!.awaitManager();
  } finally {
    if (!ctx.init) closeSync(pidfd);
    const end = process.hrtime.bigint();
    session.waited += end - start;
    const attributes = { [WAIT]: true };
    session.recorder.span('awaitReadiness', { start, end, side: 'container', attributes });
  }
}

/** False once the program has ended without a word. */
function isReady({ readiness, record }: RuntimeContext, pidfd: number): boolean {
  const ended: PollFd = { fd: pidfd, events: POLLIN, revents: 0 };
  for (;;) {
    poll([readiness!.polled, ended], -1);
    // Its last word may have been that it is ready.
    if (readiness!.polled.revents === 0) return false;
    if (readiness!.pass(record.initPid)) return true;
  }
}
