import type { ForkedContext } from '../../context/context.ts';
import type { Supervisor } from '../../init/supervisor.ts';
import { whyEnded } from '../../init/why-ended.ts';
import { monotonicNs } from '../../syscalls/time/monotonic.ts';
import { WAIT } from '../../trace/record/attributes.ts';
import { storeSoFar } from '../session/in-session.ts';
import type { Session } from '../session/session.ts';

/**
 * Waits until the program ends and returns its exit status. The wait is a span but not a stage.
 * Warns when the configuration explains how the program ended.
 */
export async function awaitProgram(
  session: Session,
  ctx: Omit<ForkedContext, 'channel'>,
  supervisor: Supervisor,
): Promise<number> {
  const before = monotonicNs();
  storeSoFar(session);
  const start = monotonicNs();
  session.spans.record('storeTrace', { start: before, end: start });
  const status = await supervisor.wait(ctx.init, ctx.readiness);
  const end = monotonicNs();
  session.waitedNanos += end - start;
  const reason = whyEnded(ctx, status);
  if (reason) ctx.warn(`${reason.configPath}: ${reason.message}`);
  session.spans.record('program', {
    start,
    end,
    side: 'container',
    attributes: { [WAIT]: true },
    ...(reason && { error: reason }),
  });
  return status;
}
