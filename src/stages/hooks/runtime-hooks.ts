import type { RuntimeHookName } from '../../bus/questions.ts';
import type { ContainerStatus } from '../../config/names/container-statuses.ts';
import type { HookName } from '../../config/names/hook-names.ts';
import type { AppliesContext } from '../../context/applies-context.ts';
import type { RuntimeContext, StoredContext } from '../../context/context.ts';
import { hasHooks } from '../../hooks/run-hooks.ts';
import { traceHookInRuntime } from '../../hooks/trace-hook.ts';

/** True when the container has hooks of this kind. */
export const wantsHooks =
  (kind: HookName) =>
  ({ spec }: AppliesContext): boolean =>
    hasHooks(spec, kind);

/** A container that may have an init. */
type ConfiguredOrStored = Omit<StoredContext, 'cgroup'> & Pick<RuntimeContext, 'init'>;

/** The stage function that runs the hooks of `kind` in the runtime; their state has `status`. */
export const runtimeHooks =
  (kind: RuntimeHookName, status: ContainerStatus) =>
  async (ctx: ConfiguredOrStored): Promise<void> => {
    const { id, bundle, spec, record, init, warn, callerEnvironment } = ctx;
    const pid = status === 'stopped' ? 0 : (init?.pid ?? record.initPid);
    const traced = traceHookInRuntime(ctx);
    await ctx.bus.ask(kind, { id, bundle, spec, pid, status, warn, callerEnvironment, traced });
  };
