import type { RuntimeContext } from '../lifecycle/context.ts';
import type { Attendance } from '../process/attendance.ts';
import { whyEnded } from '../process/why-ended.ts';
import { WAIT } from '../telemetry/attributes.ts';
import { recordStep } from './record-step.ts';
import { type Session, storeSoFar } from './session.ts';

/**
 * Stands in for the program until it ends: its exit status. The time in which davit only waited is a
 * span that is no stage's. What the configuration brought about is warned of.
 */
export async function awaitProgram(
  session: Session,
  ctx: RuntimeContext,
  attendance: Attendance,
): Promise<number> {
  recordStep(session, 'storeTrace', () => storeSoFar(session));
  const start = process.hrtime.bigint();
  const status = await attendance.wait(ctx.init!, ctx.readiness);
  const end = process.hrtime.bigint();
  session.waited += end - start;
  const reason = whyEnded(ctx, status);
  if (reason) ctx.warn(`${reason.configPath}: ${reason.message}`);
  session.recorder.span('program', {
    ...{ start, end, side: 'container', attributes: { [WAIT]: true } },
    ...(reason && { error: reason }),
  });
  return status;
}
