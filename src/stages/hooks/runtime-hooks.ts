import type { RuntimeHookName } from '../../bus/questions.ts';
import type { ContainerStatus } from '../../config/names/container-statuses.ts';
import type { HookName } from '../../config/names/hook-names.ts';
import type { AppliesContext } from '../../context/applies-context.ts';
import type { RuntimeContext, StoredContext } from '../../context/context.ts';
import { beginHookInRuntime } from '../../hooks/begin-hook.ts';
import { hasHooks } from '../../hooks/hook-calls.ts';

/** True when the container has hooks of this kind. */
export const wantsHooks =
  (kind: HookName) =>
  ({ spec }: AppliesContext): boolean =>
    hasHooks(spec, kind);

/** A container that may have an init. */
type ConfiguredOrStored = Omit<StoredContext, 'cgroup'> &
  Pick<RuntimeContext, 'init' | 'joinBeforeHooks'>;

/** The stage function that runs the hooks of `kind` in the runtime; their state has `status`. */
export const runtimeHooks =
  (kind: RuntimeHookName, status: ContainerStatus) =>
  async (ctx: ConfiguredOrStored): Promise<void> => {
    const { id, bundle, spec, record, init, warn, callerEnvironment, initParent: parent } = ctx;
    if (status === 'creating') await ctx.joinBeforeHooks?.();
    const pid = status === 'stopped' ? 0 : (init?.pid ?? record.initPid);
    const begin = beginHookInRuntime(ctx);
    const subject = { id, bundle, spec, pid, status };
    await ctx.bus.ask(kind, { ...subject, warn, callerEnvironment, begin, parent });
  };
