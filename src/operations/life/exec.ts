import type {
  ConfiguredContext,
  ExecContext,
  ForkedContext,
  LaunchContext,
} from '../../context/context.ts';
import type { ExecOptions } from '../../context/launch.ts';
import type { Supervisor } from '../../init/supervisor.ts';
import { runStages } from '../../lifecycle/engine.ts';
import { execStages } from '../../lifecycle/stages.ts';
import type { UserTerminal } from '../../terminal/user-terminal.ts';
import { awaitProgram } from '../launch/await-program.ts';
import { beginForeground } from '../launch/foreground.ts';
import { tolerateExecFailure } from '../launch/tolerate-exec-failure.ts';
import { inSession } from '../session/in-session.ts';
import { processContext } from '../session/process-context.ts';
import type { Session, SessionRequest } from '../session/session.ts';

interface ExecRequest extends SessionRequest, ExecOptions {
  /** Becomes the program's fds 0, 1 and 2. Default: the caller's. */
  stdio?: readonly number[] | undefined;
  /**
   * Makes what waits for the program. Default: the caller's terminal and signals are the program's.
   */
  supervise?: LaunchContext['supervise'];
}

/** Runs another program in a container. Returns its exit status, or 0 at once when detached. */
export async function exec(request: ExecRequest): Promise<number> {
  return inSession('exec', request, async (session) => {
    using atEnd = new DisposableStack();
    const running = await launch(request, session, atEnd);
    return running.supervisor ? await awaitProgram(session, running, running.supervisor) : 0;
  });
}

/** Starts another program in a container. Returns its pid: a child of this process. */
export async function execDetached(request: ExecRequest): Promise<{ pid: number }> {
  return inSession('exec', request, async (session) => {
    using atEnd = new DisposableStack();
    const { init } = await launch({ ...request, detach: true }, session, atEnd);
    return { pid: init.pid };
  });
}

async function launch(
  request: ExecRequest,
  session: Session,
  atEnd: DisposableStack,
): Promise<ForkedContext> {
  const { root, detach, stdio, supervise = execInForeground() } = request;
  const execOptions: ExecOptions = request;
  const ctx: ExecContext = {
    ...processContext(session, atEnd),
    root,
    execOptions,
    detached: detach,
    ...(stdio && { stdio }),
    supervise: detach ? undefined : supervise,
  };
  const running = await runStages(ctx, execStages);
  if (!running.supervisor) await tolerateExecFailure(session, running);
  return running;
}

/**
 * Takes over the caller's terminal, or the given one, only after init has sent the container's: the
 * program must not see its size change.
 */
export const execInForeground =
  (terminal?: UserTerminal) =>
  (ctx: ConfiguredContext): Supervisor => {
    const supervisor = beginForeground(ctx, terminal);
    ctx.bus.intercept('setupConsole:after', () => supervisor.takeTerminal());
    return supervisor;
  };
