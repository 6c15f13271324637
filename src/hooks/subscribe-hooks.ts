import { existsSync } from 'node:fs';
import { callerEnviron } from '../caller/caller-environment.ts';
import type { LifecycleBus } from '../lifecycle/bus.ts';
import type { InitContext } from '../lifecycle/init-context.ts';
import type { HookMoment, RuntimeHookName } from '../lifecycle/questions.ts';
import { fchdir } from '../syscalls/files/root.ts';
import { getpid } from '../syscalls/task/process.ts';
import { openHookOutput } from './hook-output.ts';
import { runHooks } from './run-hooks.ts';
import { traceHookThere } from './trace-hook.ts';

/** Runs the OCI hooks of config.json when the runtime-spec says (config.md, Hooks). */
export function subscribeHooks(bus: LifecycleBus): void {
  for (const kind of ['prestart', 'createRuntime', 'poststart'] as const) {
    bus.intercept(kind, (moment) => runInRuntime(kind, moment));
  }
  bus.intercept('poststop', runPoststop);
  bus.intercept('createContainer', ({ run }) => run([]));
  bus.interceptInContainer('createContainer', { run: runCreateContainer });
  // Those without an environment get the program's: runc's behaviour, which callers rely on.
  bus.intercept('startContainer', ({ run, spec }) => run(spec.process?.env ?? []));
}

function runInRuntime(kind: RuntimeHookName, moment: HookMoment): void {
  using output = openHookOutput(moment.spec, moment.bundle);
  runHooks(kind, moment, { ...hookEnvironment(moment), output });
}

/** Runs all poststop hooks: a failure is only a warning (config.md, Poststop). */
function runPoststop(moment: HookMoment): void {
  const warn = ({ message }: Error): void => moment.warn(message);
  using output = openHookOutput(moment.spec, moment.bundle, warn);
  runHooks('poststop', moment, { ...hookEnvironment(moment), output }, warn);
}

/** Hooks start in the bundle, as runc's and crun's do, wherever the command was called. */
const hookEnvironment = ({ bundle, traced, callerEnvironment }: HookMoment) => ({
  inherited: callerEnviron(callerEnvironment),
  cwd: existsSync(bundle) ? bundle : undefined,
  traced,
});

/**
 * Runs createContainer hooks in init: with the host's paths, and the rootfs as working directory.
 * As with runc, they get nothing of the caller's environment, which other processes of the
 * container might read.
 */
function runCreateContainer(ctx: InitContext): void {
  const { id, bundle, spec, hookOutput: output, traceHook } = ctx;
  fchdir(ctx.rootfsFd);
  const subject = { id, bundle, spec, status: 'creating', pid: getpid() } as const;
  const traced = traceHook ?? traceHookThere(ctx);
  runHooks('createContainer', subject, { inherited: [], output, traced });
}
