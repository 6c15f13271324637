import type { RuntimeContext } from '../context/context.ts';
import type { InitContext } from '../context/init-context.ts';
import { exitNow } from '../syscalls/task/process.ts';
import { monotonicNs } from '../syscalls/time/monotonic.ts';
import type { TraceHook } from './hook-run.ts';

type Tracing = Pick<RuntimeContext, 'startHookSpan' | 'hookRuns'>;

/** For hooks of the runtime, and of an init that shares the runtime's memory. */
export const traceHookInRuntime =
  (tracing: Tracing, inInit = false): TraceHook =>
  (name, path, run) => {
    const { environment, done } = beginHook(tracing, name, path, inInit);
    try {
      run(environment);
      done();
    } catch (error) {
      done(error);
      throw error;
    }
  };

/** Begins the span of a hook that the runtime runs. */
export function beginHook(
  { startHookSpan, hookRuns }: Tracing,
  name: string,
  path: string,
  inInit = false,
) {
  const { spanId, environment } = startHookSpan(name, inInit);
  const begin = monotonicNs();
  const done = (error?: unknown) => {
    hookRuns.push({ name, path, spanId, begin, end: monotonicNs(), error });
  };
  return { environment, done };
}

/** For hooks of a forked init, which asks the runtime for the span and reports the times. */
export const traceHookFromInit =
  ({ channel }: InitContext): TraceHook =>
  (name, path, run) => {
    channel.send({ type: 'hook', name, path });
    const answer = channel.receive();
    if (answer?.type !== 'trace') exitNow(1);
    const begin = monotonicNs();
    const done = (error?: unknown) => {
      channel.send({ type: 'hooked', begin, end: monotonicNs(), error });
    };
    try {
      run(answer.environment);
      done();
    } catch (error) {
      done(error);
      throw error;
    }
  };
