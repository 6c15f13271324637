import { RuntimeError } from '../errors/runtime-error.ts';
import type { PauseRequest } from './pause.ts';
import { recordStep } from './record-step.ts';
import { inSession } from './session.ts';
import { cgroupOf, readContainer } from './stored.ts';

/** Thaws a paused container. */
export async function resume(request: PauseRequest): Promise<void> {
  await inSession('resume', request.id, request.session, async (session) => {
    const container = readContainer(request);
    session.recorder.setContainer(request.id, container.record);
    if (container.status !== 'paused') throw new RuntimeError('container not paused');
    recordStep(session, 'thaw', () => cgroupOf(container).thaw());
  });
}
