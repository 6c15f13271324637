import { Engine } from '../lifecycle/engine.ts';
import { resumeStages } from '../lifecycle/stages.ts';
import { containerContext } from './command-context.ts';
import type { PauseRequest } from './pause.ts';
import { inSession } from './session.ts';

/** Thaws a paused container. */
export async function resume(request: PauseRequest): Promise<void> {
  await inSession('resume', request.id, request.session, (session) =>
    new Engine(containerContext(session, request)).run(resumeStages),
  );
}
