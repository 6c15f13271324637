/** Variables that tell a program which trace it is part of: TRACEPARENT and its like. */
export type TraceEnvironment = Readonly<Record<string, string>>;

/** A hook that is about to run, as a part of the trace. */
interface BegunHook {
  /** TRACEPARENT, TRACESTATE and BAGGAGE, for every hook that does not set them itself. */
  environment: TraceEnvironment;
  /** To be called when it has ended. */
  done(error?: unknown): void;
}

/** Begins hook `name` (`createRuntime[0]`), the program `path`. */
export type BeginHook = (name: string, path: string) => BegunHook;

/** The span of a hook that is about to run. */
export interface HookSpan {
  spanId: string;
  /** The variables that tell the hook of its span. */
  environment: TraceEnvironment;
}

/** A hook that has run, for the trace. Times are CLOCK_MONOTONIC nanoseconds. */
export interface HookRun {
  name: string;
  path: string;
  spanId: string;
  begin: bigint;
  end: bigint;
  error?: unknown;
}
