import { environ } from '../caller/environ.ts';
import type { Environment } from '../config/environment.ts';
import { PLUGIN_TIMEOUT_HINT } from '../errors/hints/plugin-timeout.ts';
import { RuntimeError } from '../errors/runtime-error.ts';
import type { ReplacementProgram } from '../syscalls/switch/switch.ts';
import { ITIMER_PROF, ITIMER_REAL, setTimer } from '../syscalls/time/interval-timer.ts';

/** The command line that starts this process again. */
export interface CommandLine {
  argv: readonly string[];
  environment: Environment;
}

/** In the environment of a command that was interrupted and starts again: its pid, and why. */
export const RESTARTED_VARIABLE = 'DAVIT_RESTARTED';

const ERRORS = {
  lostInit: () =>
    new RuntimeError(
      'container init ended unexpectedly',
      'a signal killed it: look in dmesg for the OOM killer, or for a seccomp filter that kills',
    ),
  hungPlugin: (what: string) => new RuntimeError(what, PLUGIN_TIMEOUT_HINT),
};

/** Why a command cannot go on in this process: executed again, it can clean up. */
type RestartReason = keyof typeof ERRORS;

/** Why this process's command was interrupted before. */
export interface RestartedCommand {
  because: RestartReason;
  error: RuntimeError;
}

/** The same command once more; `reason` is as {@link reasonFor} has it. */
export const restartFor = (
  { argv, environment }: CommandLine,
  reason: string,
): ReplacementProgram => ({
  path: process.execPath,
  argv,
  env: [...environ(environment), `${RESTARTED_VARIABLE}=${reason}`],
});

/** The value of RESTARTED_VARIABLE; `what` is the message of an error that has none of its own. */
export const reasonFor = (because: RestartReason, what = ''): string =>
  `${process.pid} ${because} ${what}`;

/** Why this process was executed again, if it was. Deletes the variable: answers once. */
export function restartedFrom(environment: NodeJS.ProcessEnv): RestartedCommand | undefined {
  const [, pid, because, what] =
    /^(\d+) (\w+) (.*?) *$/.exec(environment[RESTARTED_VARIABLE] ?? '') ?? [];
  delete environment[RESTARTED_VARIABLE];
  if (pid !== String(process.pid) || !Object.hasOwn(ERRORS, because!)) return undefined;
  // execve(2) keeps the timers of plugins/watchdog.ts.
  for (const timer of [ITIMER_REAL, ITIMER_PROF]) setTimer(timer, 0);
  return { because: because as RestartReason, error: ERRORS[because as RestartReason](what!) };
}
