import { runStages } from '../../lifecycle/engine.ts';
import { resumeStages } from '../../lifecycle/stages.ts';
import { containerContext } from '../session/command-context.ts';
import { inSession } from '../session/in-session.ts';
import type { SessionRequest } from '../session/session.ts';

/** Thaws a paused container. */
export async function resume(request: SessionRequest): Promise<void> {
  await inSession('resume', request, (session) =>
    runStages(containerContext(session, request), resumeStages),
  );
}
