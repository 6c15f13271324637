import { existsSync } from 'node:fs';
import type { LifecycleBus } from '../bus/bus.ts';
import type { HookQuestion, RuntimeHookName } from '../bus/questions.ts';
import { callerEnviron } from '../caller/caller-environment.ts';
import type { StartProgress } from '../caller/progress.ts';
import type { InitContext } from '../context/init-context.ts';
import { fchdir } from '../syscalls/files/root.ts';
import { getpid } from '../syscalls/task/process.ts';
import { openHookOutput } from './hook-output.ts';
import { runHooks } from './run-hooks.ts';
import { traceHookFromInit } from './trace-hook.ts';

/** Shows which hook takes long, where somebody sees it. */
interface HookProgress {
  progress?: StartProgress | undefined;
  /** The same after the program's end. Absent if the program's output may be on the terminal. */
  progressAfterProgram?: StartProgress | undefined;
}

/** Runs the OCI hooks of config.json when the runtime-spec says (config.md, Hooks). */
export function subscribeHooks(
  bus: LifecycleBus,
  { progress, progressAfterProgram }: HookProgress = {},
): void {
  for (const kind of ['prestart', 'createRuntime'] as const) {
    bus.intercept(kind, (question) => runInRuntime(kind, question, progress));
  }
  // The program runs already, and may write to the terminal.
  bus.intercept('poststart', (question) => runInRuntime('poststart', question));
  bus.intercept('poststop', (question) => runPoststop(question, progressAfterProgram));
  bus.intercept('createContainer', ({ run }) => run([]));
  bus.interceptInContainer('createContainer', { run: (ctx) => runCreateContainer(ctx, progress) });
  // Those without an environment get the program's: runc's behaviour, which callers rely on.
  bus.intercept('startContainer', ({ run, spec }) => run(spec.process?.env ?? []));
}

function runInRuntime(
  kind: RuntimeHookName,
  question: HookQuestion,
  progress?: StartProgress,
): void {
  using output = openHookOutput(question.spec, question.bundle);
  runHooks(kind, question, { ...hookEnvironment(question), output, progress });
}

/** Runs all poststop hooks: a failure is only a warning (config.md, Poststop). */
function runPoststop(question: HookQuestion, progress?: StartProgress): void {
  const warn = ({ message }: Error): void => question.warn(message);
  using output = openHookOutput(question.spec, question.bundle, warn);
  runHooks('poststop', question, { ...hookEnvironment(question), output, progress }, warn);
}

/** Hooks start in the bundle, as runc's and crun's do, wherever the command was called. */
const hookEnvironment = ({ bundle, traced, callerEnvironment }: HookQuestion) => ({
  inherited: callerEnviron(callerEnvironment),
  cwd: existsSync(bundle) ? bundle : undefined,
  traced,
});

/**
 * Runs createContainer hooks in init: with the host's paths, and the rootfs as working directory.
 * As with runc, they get nothing of the caller's environment, which other processes of the
 * container might read.
 */
function runCreateContainer(ctx: InitContext, progress?: StartProgress): void {
  const { id, bundle, spec, hookOutput: output, traceHook } = ctx;
  fchdir(ctx.rootfsFd);
  const subject = { id, bundle, spec, status: 'creating', pid: getpid() } as const;
  const traced = traceHook ?? traceHookFromInit(ctx);
  runHooks('createContainer', subject, { inherited: [], output, traced, progress });
}
