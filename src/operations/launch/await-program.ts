import type { Supervisor } from '../../init/supervisor.ts';
import { whyEnded } from '../../init/why-ended.ts';
import type { RuntimeContext } from '../../lifecycle/context.ts';
import { WAIT } from '../../trace/record/attributes.ts';
import { storeSoFar } from '../session/in-session.ts';
import { recordStep } from '../session/record-step.ts';
import type { Session } from '../session/session.ts';

/**
 * Stands in for the program until it ends: its exit status. The time in which davit only waited is a
 * span that is no stage's. What the configuration brought about is warned of.
 */
export async function awaitProgram(
  session: Session,
  ctx: RuntimeContext,
  supervisor: Supervisor,
): Promise<number> {
  recordStep(session, 'storeTrace', () => storeSoFar(session));
  const start = process.hrtime.bigint();
  const status = await supervisor.wait(ctx.init!, ctx.readiness);
  const end = process.hrtime.bigint();
  session.waited += end - start;
  const reason = whyEnded(ctx, status);
  if (reason) ctx.warn(`${reason.configPath}: ${reason.message}`);
  session.spans.record('program', {
    ...{ start, end, side: 'container', attributes: { [WAIT]: true } },
    ...(reason && { error: reason }),
  });
  return status;
}
