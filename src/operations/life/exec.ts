import { RuntimeError } from '../../errors/runtime-error.ts';
import type { RuntimeContext } from '../../lifecycle/context.ts';
import { Engine } from '../../lifecycle/engine.ts';
import { execStages } from '../../lifecycle/stages.ts';
import { readContainer, type StoredContainer } from '../../state/container.ts';
import { awaitProgram } from '../launch/await-program.ts';
import { beginForeground } from '../launch/foreground.ts';
import { closeLaunch } from '../launch/launch.ts';
import { type ExecRequest, openExec } from '../launch/open-exec.ts';
import { tolerateExecFailure } from '../launch/tolerate-exec-failure.ts';
import { inSession } from '../session/in-session.ts';
import { recallNotes } from '../session/plugin-notes.ts';
import { recordStep } from '../session/record-step.ts';
import type { Session } from '../session/session.ts';

/** Runs another program in a container. Returns its exit status, or 0 at once when detached. */
export async function exec(request: ExecRequest): Promise<number> {
  return inSession('exec', request, async (session) => {
    const container = recordStep(session, 'readState', () => readContainer(request));
    recallNotes(session, container.record);
    checkStatus(container, request);
    const ctx = recordStep(session, 'loadConfig', () => openExec(container, request, session));
    try {
      return await launch(ctx, session, request);
    } finally {
      closeLaunch(ctx);
    }
  });
}

function checkStatus({ status }: StoredContainer, { ignorePaused }: ExecRequest): void {
  if (status === 'stopped') throw new RuntimeError('cannot exec in a stopped container');
  if (status === 'creating') throw new RuntimeError('cannot exec in a container being created');
  if (status === 'paused' && !ignorePaused) {
    throw new RuntimeError('cannot exec in a paused container (use --ignore-paused to override)');
  }
}

async function launch(
  ctx: RuntimeContext,
  session: Session,
  { detach }: ExecRequest,
): Promise<number> {
  const foreground = detach
    ? undefined
    : recordStep(session, 'beginForeground', () => beginForeground(ctx));
  try {
    ctx.detached = detach;
    // The caller's terminal is lent once init has sent the container's: the program is not to see it change.
    if (foreground) ctx.bus.intercept('setupConsole:after', () => foreground.takeTerminal());
    await new Engine(ctx).run(execStages);
    if (foreground) return await awaitProgram(session, ctx, foreground);
    await tolerateExecFailure(session, ctx);
    return 0;
  } finally {
    foreground?.end();
  }
}
