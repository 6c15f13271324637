import { constants } from 'node:os';
import type { StartProgress } from '../caller/progress.ts';
import type { HookName } from '../config/names/hook-names.ts';
import type { Hook } from '../config/types.ts';
import type { InitContext } from '../context/init-context.ts';
import { watchChild } from '../init/watch-child.ts';
import { fchdir } from '../syscalls/files/root.ts';
import { poll } from '../syscalls/poll/poll.ts';
import { kill } from '../syscalls/signal/signals.ts';
import { getpid, waitStatus } from '../syscalls/task/process.ts';
import { withLimits } from '../syscalls/task/rlimit.ts';
import { spawn } from '../syscalls/task/spawn.ts';
import { beginHookFromInit } from './begin-hook.ts';
import {
  type HookEnvironment,
  type HookInput,
  type HookSubject,
  hookCalls,
  hookProcess,
} from './hook-calls.ts';
import { HookConversation } from './hook-conversation.ts';
import { HookPipes } from './hook-pipes.ts';

const { SIGKILL } = constants.signals;

/**
 * Runs createContainer hooks in init: with the host's paths, and the rootfs as working directory.
 * As with runc, they get nothing of the caller's environment, which other processes of the
 * container might read.
 */
export function runCreateContainer(ctx: InitContext, progress?: StartProgress): void {
  const { id, bundle, spec, hookOutput: output, nofileLimit } = ctx;
  fchdir(ctx.rootfsFd);
  const subject = { id, bundle, spec, status: 'creating', pid: getpid() } as const;
  const begin = ctx.beginHook ?? beginHookFromInit(ctx);
  // Node has raised the limit.
  withLimits('RLIMIT_NOFILE', nofileLimit, () =>
    runHooksInInit('createContainer', subject, { inherited: [], output, begin, progress }),
  );
}

/** Runs the hooks of one kind in order, as children of init. Throws for the first that fails. */
function runHooksInInit(kind: HookName, subject: HookSubject, environment: HookEnvironment): void {
  for (const { name, hook, input, failure } of hookCalls(kind, subject, environment)) {
    const { environment: trace, done } = environment.begin(name, hook.path);
    try {
      runHookInInit(hook, input(trace));
      done();
    } catch (error) {
      done(error);
      throw failure(error);
    }
  }
}

/** Init has no event loop. */
function runHookInInit(hook: Hook, input: HookInput): void {
  using pipes = new HookPipes(input.output);
  const pid = spawn(hookProcess(hook, input, pipes.stdio));
  pipes.closeStdio();
  using end = watchChild(pid);
  using conversation = new HookConversation(hook, input, pipes, end);
  do poll(conversation.polled, conversation.timeout);
  while (!conversation.act());
  if (!end.hasEnded) kill(pid, SIGKILL);
  conversation.judge(waitStatus(pid)!);
}
