import type { ForkedContext } from '../../context/context.ts';
import type { Supervisor } from '../../init/supervisor.ts';
import { runStages } from '../../lifecycle/engine.ts';
import { removeStages } from '../../lifecycle/stages.ts';
import type { Session } from '../session/session.ts';
import { awaitProgram } from './await-program.ts';
import { enterStatus } from './enter-status.ts';

/** Waits for the program, and deletes the container unless it is to be kept. */
export async function waitAndDelete(
  ctx: Omit<ForkedContext, 'channel'>,
  session: Session,
  supervisor: Supervisor,
  { keep } = { keep: false },
): Promise<number> {
  const status = await awaitProgram(session, ctx, supervisor);
  enterStatus(ctx, 'stopped', status);
  if (keep) return status;
  await runStages(ctx, removeStages);
  enterStatus(ctx, 'deleted');
  return status;
}
