import type { ContainerContext, ExecContext, ReadContext } from '../../context/context.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { readContainer, type StoredContainer } from '../../state/container.ts';

export const ALREADY_RUNNING = 'cannot start an already running container';

/** Reads the container's record, and its status from the kernel. `check` may refuse the status. */
export const readState =
  <Ctx extends ContainerContext>(check: (container: StoredContainer, ctx: Ctx) => void = accept) =>
  (ctx: Ctx): Pick<ReadContext, 'container'> => {
    const { root, id, callerEnvironment: environment, eventLoop, recordAtStart } = ctx;
    const container = readContainer({ root, id, environment, eventLoop }, recordAtStart);
    ctx.remember(container.record);
    check(container, ctx);
    return { container };
  };

const accept = (): void => {};

/** Only a container that waits for its start is started. */
export function checkCreated({ status }: StoredContainer): void {
  if (status === 'created') return;
  if (status === 'stopped') throw new RuntimeError('cannot start a container that has stopped');
  if (status === 'running') throw new RuntimeError(ALREADY_RUNNING);
  throw new RuntimeError(`cannot start a container in the ${status} state`);
}

/** Only a container with an init can be joined. */
export function checkJoinable({ status }: StoredContainer, { execOptions }: ExecContext): void {
  if (status === 'stopped') throw new RuntimeError('cannot exec in a stopped container');
  if (status === 'creating') throw new RuntimeError('cannot exec in a container being created');
  if (status === 'paused' && !execOptions.ignorePaused) {
    throw new RuntimeError('cannot exec in a paused container (use --ignore-paused to override)');
  }
}
