import { RuntimeError } from '../errors/runtime-error.ts';
import { recordStep } from './record-step.ts';
import { inSession, type SessionOptions } from './session.ts';
import { type ContainerRequest, cgroupOf, readContainer } from './stored.ts';

export interface PauseRequest extends ContainerRequest {
  session?: SessionOptions;
}

/** Freezes every process of a container that is created or running. */
export async function pause(request: PauseRequest): Promise<void> {
  await inSession('pause', request.id, request.session, async (session) => {
    const container = readContainer(request);
    session.recorder.setContainer(request.id, container.record);
    const { status } = container;
    if (status !== 'running' && status !== 'created') {
      throw new RuntimeError('container not running');
    }
    recordStep(session, 'freeze', () => cgroupOf(container).freeze());
  });
}
