import { existsSync } from 'node:fs';
import type { LifecycleBus } from '../bus/bus.ts';
import type { HookQuestion, RuntimeHookName } from '../bus/questions.ts';
import { callerEnviron } from '../caller/caller-environment.ts';
import type { StartProgress } from '../caller/progress.ts';
import type { Hook } from '../config/types.ts';
import { type HookEnvironment, type HookInput, hookProcess } from './hook-calls.ts';
import { openHookOutput } from './hook-output.ts';
import { runCreateContainer } from './hooks-in-init.ts';
import { runHook, runHooks } from './run-hooks.ts';

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

async function runInRuntime(
  kind: RuntimeHookName,
  question: HookQuestion,
  progress?: StartProgress,
): Promise<void> {
  using output = openHookOutput(question.spec, question.bundle);
  const environment = { ...hookEnvironment(question), output, progress };
  await runHooks(kind, question, environment, runAsChild(question));
}

/** Runs all poststop hooks: a failure is only a warning (config.md, Poststop). */
async function runPoststop(question: HookQuestion, progress?: StartProgress): Promise<void> {
  const warn = ({ message }: Error): void => question.warn(message);
  using output = openHookOutput(question.spec, question.bundle, warn);
  const environment = { ...hookEnvironment(question), output, progress };
  await runHooks('poststop', question, environment, runAsChild(question), warn);
}

const runAsChild =
  ({ parent }: HookQuestion) =>
  (hook: Hook, input: HookInput): Promise<void> =>
    runHook(hook, input, parent, (stdio) => parent.spawn(hookProcess(hook, input, stdio)));

/** Hooks start in the bundle, as runc's and crun's do, wherever the command was called. */
const hookEnvironment = ({ bundle, begin, callerEnvironment }: HookQuestion): HookEnvironment => ({
  inherited: callerEnviron(callerEnvironment),
  cwd: existsSync(bundle) ? bundle : undefined,
  begin,
});
