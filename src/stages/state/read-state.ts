import type { ContainerContext } from '../../lifecycle/context.ts';
import { readContainer, type StoredContainer } from '../../state/container.ts';

/** Reads the container's record, and its status from the kernel. `check` may refuse the status. */
export const readState =
  <Ctx extends ContainerContext>(check: (container: StoredContainer, ctx: Ctx) => void = accept) =>
  (ctx: Ctx): void => {
    const { root, id, callerEnvironment: environment } = ctx;
    ctx.container = readContainer({ root, id, environment });
    ctx.remember(ctx.container.record);
    check(ctx.container, ctx);
  };

const accept = (): void => {};
