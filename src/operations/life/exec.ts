import type { ExecContext, RuntimeContext } from '../../lifecycle/context.ts';
import { Engine } from '../../lifecycle/engine.ts';
import type { ExecOptions } from '../../lifecycle/launch.ts';
import { execStages } from '../../lifecycle/stages.ts';
import type { ContainerRequest } from '../../state/container.ts';
import { awaitProgram } from '../launch/await-program.ts';
import { beginForeground } from '../launch/foreground.ts';
import { tolerateExecFailure } from '../launch/tolerate-exec-failure.ts';
import { baseContext } from '../session/base-context.ts';
import { inSession } from '../session/in-session.ts';
import type { Session, SessionOptions } from '../session/session.ts';

export interface ExecRequest extends ContainerRequest, ExecOptions {
  session?: SessionOptions;
}

/** Runs another program in a container. Returns its exit status, or 0 at once when detached. */
export async function exec(request: ExecRequest): Promise<number> {
  return inSession('exec', request, async (session) => {
    const { root, detach } = request;
    const asked: ExecOptions = request;
    using atEnd = new DisposableStack();
    const ctx = {
      ...baseContext(session, atEnd),
      ...{ root, asked, detached: detach },
      supervise: detach ? undefined : beginForeground,
      // loadConfig adds what the later stages work on.
    } as RuntimeContext & ExecContext;
    return await launch(ctx, session);
  });
}

async function launch(ctx: RuntimeContext & ExecContext, session: Session): Promise<number> {
  // Take over the caller's terminal only after init has sent the container's: the program must not
  // see its size change.
  if (ctx.supervise) ctx.bus.intercept('setupConsole:after', () => ctx.supervisor!.takeTerminal());
  await new Engine(ctx).run(execStages);
  if (ctx.supervisor) return await awaitProgram(session, ctx, ctx.supervisor);
  await tolerateExecFailure(session, ctx);
  return 0;
}
