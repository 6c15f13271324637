import type { RuntimeContext } from '../../context/context.ts';
import { awaitEnd } from '../../init/signal-init.ts';
import type { Session } from '../session/session.ts';
import { enterStatus } from './enter-status.ts';

/** The exit status of a container whose program could not be executed: runc's and crun's. */
const NOT_EXECUTED = 1;

/**
 * Emits that the container runs, or that it has stopped because its program could not be executed.
 */
export async function enterRunning(session: Session, ctx: RuntimeContext): Promise<void> {
  if (!ctx.execFailure) return enterStatus(ctx, 'running');
  await tolerateExecFailure(session, ctx);
  enterStatus(ctx, 'stopped', NOT_EXECUTED);
}

/**
 * If the program of a detached process could not be executed: writes this to the log and the trace,
 * and returns when the process has ended.
 */
export async function tolerateExecFailure(session: Session, ctx: RuntimeContext): Promise<void> {
  const { execFailure } = ctx;
  if (!execFailure) return;
  const { hintOf } = await import('../../errors/hints/hint-of.ts');
  session.toleratedError = execFailure;
  session.log.warning(execFailure.message, hintOf(execFailure));
  awaitEnd(ctx);
}
