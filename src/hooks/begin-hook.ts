import type { RuntimeContext } from '../context/context.ts';
import type { InitContext } from '../context/init-context.ts';
import { exitNow } from '../syscalls/task/process.ts';
import { monotonicNs } from '../syscalls/time/monotonic.ts';
import type { BeginHook } from './hook-run.ts';

type Tracing = Pick<RuntimeContext, 'startHookSpan' | 'hookRuns'>;

/** For hooks of the runtime, and of an init that shares the runtime's memory. */
export const beginHookInRuntime =
  ({ startHookSpan, hookRuns }: Tracing, inInit = false): BeginHook =>
  (name, path) => {
    const { spanId, environment } = startHookSpan(name, inInit);
    const begin = monotonicNs();
    const done = (error?: unknown) => {
      hookRuns.push({ name, path, spanId, begin, end: monotonicNs(), error });
    };
    return { environment, done };
  };

/** For hooks of a forked init, which asks the runtime for the span and reports the times. */
export const beginHookFromInit =
  ({ channel }: InitContext): BeginHook =>
  (name, path) => {
    channel.send({ type: 'hook', name, path });
    const answer = channel.receive();
    if (answer?.type !== 'trace') exitNow(1);
    const begin = monotonicNs();
    const done = (error?: unknown) => {
      channel.send({ type: 'hooked', begin, end: monotonicNs(), error });
    };
    return { environment: answer.environment, done };
  };
