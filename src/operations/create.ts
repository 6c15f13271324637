import { Engine } from '../lifecycle/engine.ts';
import { createStages } from '../lifecycle/stages.ts';
import { checkContainerId } from '../state/container-id.ts';
import { emitStatus } from './emit.ts';
import { endLostLaunch } from './end-lost-launch.ts';
import { closeLaunch, type LaunchRequest, openLaunch } from './launch.ts';
import { recordStep } from './record-step.ts';
import { inSession, type SessionOptions } from './session.ts';

/** What `create` is asked for. */
export interface CreateRequest extends LaunchRequest {
  session?: SessionOptions;
}

/** Makes a container whose program waits for {@link start}. */
export async function create(request: CreateRequest): Promise<void> {
  checkContainerId(request.id);
  await inSession('create', request.id, request.session, async (session) => {
    await endLostLaunch(session, request);
    const ctx = recordStep(session, 'loadConfig', () => openLaunch(request, session));
    try {
      emitStatus(session, 'creating', ctx);
      await new Engine(ctx, session.watch).run(createStages);
      emitStatus(session, 'created', ctx);
    } finally {
      closeLaunch(ctx);
    }
  });
}
