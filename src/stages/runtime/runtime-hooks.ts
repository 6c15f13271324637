import { existsSync } from 'node:fs';
import type { ContainerStatus } from '../../config/names/container-statuses.ts';
import type { HookName } from '../../config/names/hook-names.ts';
import type { Launch, RuntimeContext } from '../../lifecycle/context.ts';
import { callerEnviron } from '../../process/caller-environment.ts';
import {
  closeHookOutput,
  type HookOutput,
  openHookOutput,
} from '../../process/hooks/hook-output.ts';
import { type HookEnvironment, hasHooks, runHooks } from '../../process/hooks/run-hooks.ts';
import { traceHookHere } from '../../process/hooks/trace-hook.ts';

/** True when the container has hooks of this kind. */
export const wantsHooks =
  (kind: HookName) =>
  ({ spec }: Launch): boolean =>
    hasHooks(spec, kind);

/** Runs hooks in the runtime's namespaces. */
export const runtimeHooks =
  (kind: HookName, status: ContainerStatus) =>
  (ctx: RuntimeContext): void => {
    const { id, bundle, spec, record, init } = ctx;
    const pid = init?.pid ?? record.initPid;
    const output = openHookOutput(spec, bundle);
    try {
      runHooks(kind, { id, bundle, spec, status, pid }, hookEnvironment(ctx, output));
    } finally {
      closeHookOutput(output);
    }
  };

/** Runs poststop hooks: all of them, and a failure is only a warning (config.md, Poststop). */
export function poststopHooks(ctx: RuntimeContext): void {
  const { id, bundle, spec } = ctx;
  const subject = { id, bundle, spec, status: 'stopped', pid: 0 } as const;
  const warn = ({ message }: Error): void => ctx.warn(message);
  const output = openHookOutput(spec, bundle, warn);
  runHooks('poststop', subject, hookEnvironment(ctx, output), warn);
  closeHookOutput(output);
}

/** They start in the bundle, as runc's and crun's do, wherever the command was called. */
const hookEnvironment = (ctx: RuntimeContext, output: HookOutput): HookEnvironment => ({
  inherited: callerEnviron(),
  cwd: existsSync(ctx.bundle) ? ctx.bundle : undefined,
  output,
  traced: traceHookHere(ctx),
});
