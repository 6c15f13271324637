import { closeSync } from 'node:fs';
import { Readiness } from '../../caller/readiness.ts';
import type { LaunchContext, ProcessContext, RuntimeContext } from '../../context/context.ts';
import { tryOpenInit } from '../../init/open-init.ts';
import { isAlive } from '../../state/init-process.ts';
import { closeFd } from '../../syscalls/files/close-fd.ts';
import { POLLIN, type PollFd } from '../../syscalls/poll/poll.ts';
import { pollOnEventLoop } from '../../syscalls/poll/poll-on-event-loop.ts';
import { POLL_MS } from '../../syscalls/poll/watch-end.ts';
import { monotonicNs } from '../../syscalls/time/monotonic.ts';
import { WAIT } from '../../trace/record/attributes.ts';
import type { Session } from '../session/session.ts';

/** How long a service manager may take to read what was sent to it, in milliseconds, as in runc. */
const BARRIER_TIMEOUT = 30_000;

/** Connects `ctx` to the service manager, which NOTIFY_SOCKET names. */
export function connectToManager(ctx: ProcessContext, address: string): void {
  ctx.readiness = ctx.atEnd.use(new Readiness(address, ctx.warn));
}

/**
 * As connectToManager, for `run`: a manager that no longer listens is ignored, as in runc. A shell
 * that a service starts keeps NOTIFY_SOCKET for good. The program then gets no NOTIFY_SOCKET.
 */
export function tryManager(ctx: LaunchContext, address: string): void {
  try {
    connectToManager(ctx, address);
  } catch (error) {
    const { notifySocket: _, ...others } = ctx.options;
    ctx.options = others;
    ctx.warn(`ignored: ${(error as Error).message}`);
  }
}

/**
 * Waits until the program is ready and has told the service manager, or has ended. The wait is a
 * span but not a stage, like the program's own time.
 */
export async function awaitReadiness(session: Session, ctx: RuntimeContext): Promise<void> {
  const pidfd = ctx.init?.pidfd ?? tryOpenInit(ctx.record);
  if (pidfd === undefined) return;
  const start = monotonicNs();
  try {
    if (await isReady(ctx, pidfd)) await awaitManager(ctx.readiness!);
  } finally {
    if (!ctx.init) closeFd(pidfd);
    const end = monotonicNs();
    session.waitedNanos += end - start;
    const attributes = { [WAIT]: true };
    session.spans.record('awaitReadiness', { start, end, side: 'container', attributes });
  }
}

/** False when the program ends without having become ready. */
async function isReady({ readiness, record }: RuntimeContext, pidfd: number): Promise<boolean> {
  const ended: PollFd = { fd: pidfd, events: POLLIN, revents: 0 };
  for (;;) {
    // Looked at before its messages are read: the last one may be READY=1.
    const isGone = pidfd < 0 && !isAlive(record);
    await pollOnEventLoop([readiness!.polled, ended], pidfd < 0 ? POLL_MS : -1);
    if (readiness!.polled.revents !== 0) {
      if (readiness!.pass(record.initPid)) return true;
    } else if (isGone || ended.revents !== 0) return false;
  }
}

/** Waits until the service manager has read the message: it may look up this process for that. */
async function awaitManager(readiness: Readiness): Promise<void> {
  const read: PollFd = { fd: readiness.sendBarrier(), events: POLLIN, revents: 0 };
  try {
    await pollOnEventLoop([read], BARRIER_TIMEOUT);
    if (read.revents === 0) readiness.warn('BARRIER=1 was not answered');
  } finally {
    closeSync(read.fd);
  }
}
