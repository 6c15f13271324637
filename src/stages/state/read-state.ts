import type { ContainerContext } from '../../lifecycle/context.ts';
import { readContainer, type StoredContainer } from '../../state/container.ts';

/** Reads what is kept of the container and what the kernel says of it. `check` may refuse its status. */
export const readState =
  <Ctx extends ContainerContext>(check: (container: StoredContainer, ctx: Ctx) => void = accept) =>
  (ctx: Ctx): void => {
    ctx.container = readContainer(ctx);
    ctx.remember(ctx.container.record);
    check(ctx.container, ctx);
  };

const accept = (): void => {};
