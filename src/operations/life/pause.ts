import { runStages } from '../../lifecycle/engine.ts';
import { pauseStages } from '../../lifecycle/stages.ts';
import { containerContext } from '../session/command-context.ts';
import { inSession } from '../session/in-session.ts';
import type { SessionRequest } from '../session/session.ts';

/** Freezes every process of a container that is created or running. */
export async function pause(request: SessionRequest): Promise<void> {
  await inSession('pause', request, (session) =>
    runStages(containerContext(session, request), pauseStages),
  );
}
