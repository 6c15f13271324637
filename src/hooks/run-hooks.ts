import { constants } from 'node:os';
import type { HookName } from '../config/names/hook-names.ts';
import type { Hook } from '../config/types.ts';
import type { Forked } from '../init/fork/fork.ts';
import type { InitParent } from '../init/parent/init-parent.ts';
import { ChildWatch } from '../init/watch-child.ts';
import { closeFd } from '../syscalls/files/close-fd.ts';
import { pollOnEventLoop } from '../syscalls/poll/poll-on-event-loop.ts';
import { kill } from '../syscalls/signal/signals.ts';
import { pidfdSendSignal } from '../syscalls/task/pidfd.ts';
import { type HookEnvironment, type HookInput, type HookSubject, hookCalls } from './hook-calls.ts';
import { HookConversation } from './hook-conversation.ts';
import { HookPipes } from './hook-pipes.ts';

const { SIGKILL } = constants.signals;

/**
 * Runs the hooks of one kind in order by `run`, each with the state (runtime.md) on its stdin.
 * Throws for the first that fails, unless `failed` takes the error.
 */
export async function runHooks(
  kind: HookName,
  subject: HookSubject,
  environment: HookEnvironment,
  run: (hook: Hook, input: HookInput) => Promise<void>,
  failed = rethrow,
): Promise<void> {
  for (const call of hookCalls(kind, subject, environment)) {
    const { environment: trace, done } = environment.begin(call.name, call.hook.path);
    try {
      await run(call.hook, call.input(trace));
      done();
    } catch (error) {
      done(error);
      failed(call.failure(error));
    }
  }
}

function rethrow(error: Error): void {
  throw error;
}

/** Makes a hook's process, with these fds 0, 1 and 2. Its pidfd is the caller's to close. */
type StartHook = (stdio: readonly number[]) => Promise<Forked>;

/**
 * Runs one hook with the state on its stdin (config.md, Hooks) and waits for it. `start` makes it a
 * child of `parent`. Throws when it cannot be started, fails, or outlasts its timeout, with its
 * last output.
 */
export async function runHook(
  hook: Hook,
  input: HookInput,
  parent: InitParent,
  start: StartHook,
): Promise<void> {
  using pipes = new HookPipes(input.output);
  using fds = new DisposableStack();
  const child = await start(pipes.stdio);
  fds.adopt(child.pidfd, closeFd);
  pipes.closeStdio();
  const end = new ChildWatch(child);
  using conversation = new HookConversation(hook, input, pipes, end);
  try {
    do {
      await pollOnEventLoop([...conversation.polled, ...parent.polled], conversation.timeout);
      parent.check();
    } while (!conversation.act());
  } finally {
    if (!end.hasEnded) killChild(child);
  }
  conversation.judge(await parent.reap(child));
}

/** The child must not have been reaped: its pid may be another process's by then. */
function killChild({ pid, pidfd }: Forked): void {
  if (pidfd < 0) kill(pid, SIGKILL);
  else pidfdSendSignal(pidfd, SIGKILL);
}
