import type { ContainerStatus } from '../../config/names/container-statuses.ts';
import type { HookName } from '../../config/names/hook-names.ts';
import type { Launch, RuntimeContext } from '../../lifecycle/context.ts';
import { hasHooks, inheritedEnv, runHooks } from '../../process/hooks/run-hooks.ts';

/** True when the container has hooks of this kind. */
export const wantsHooks =
  (kind: HookName) =>
  ({ spec }: Launch): boolean =>
    hasHooks(spec, kind);

/** Runs hooks in the runtime's namespaces. */
export const runtimeHooks =
  (kind: HookName, status: ContainerStatus) =>
  ({ id, bundle, spec, record, init }: RuntimeContext): void =>
    runHooks(kind, { id, bundle, spec, status, pid: init?.pid ?? record.initPid }, inheritedEnv());

/** Runs poststop hooks: all of them, and a failure is only a warning (config.md, Poststop). */
export function poststopHooks({ id, bundle, spec, warn }: RuntimeContext): void {
  for (const hook of spec.hooks?.poststop ?? []) {
    try {
      const only = { ...spec, hooks: { poststop: [hook] } };
      runHooks('poststop', { id, bundle, spec: only, status: 'stopped', pid: 0 }, inheritedEnv());
    } catch (error) {
      warn((error as Error).message);
    }
  }
}
