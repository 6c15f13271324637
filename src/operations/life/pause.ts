import { runStages } from '../../lifecycle/engine.ts';
import { pauseStages } from '../../lifecycle/stages.ts';
import type { ContainerRequest } from '../../state/container.ts';
import { containerContext } from '../session/command-context.ts';
import { inSession } from '../session/in-session.ts';
import type { SessionOptions } from '../session/session.ts';

export interface PauseRequest extends ContainerRequest {
  session?: SessionOptions;
}

/** Freezes every process of a container that is created or running. */
export async function pause(request: PauseRequest): Promise<void> {
  await inSession('pause', request, (session) =>
    runStages(containerContext(session, request), pauseStages),
  );
}
