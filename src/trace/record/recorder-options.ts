import type { CommandTrace } from '../store/span.ts';
import type { Attributes } from './attributes.ts';
import type { Recorder } from './recorder.ts';
import type { Sampler } from './sampler.ts';
import type { TraceContext } from './trace-context.ts';

export interface RecorderOptions {
  /** `create`; the root span is `davit create`. */
  command: string;
  /** When the command began: CLOCK_MONOTONIC nanoseconds, processStart of clock.ts in the CLI. */
  start: bigint;
  /** The span of whoever runs the command, from traceContextFrom of trace-context.ts. */
  caller?: TraceContext | undefined;
  /**
   * Called once the command's parent is known, before its own context is first used: may
   * {@link Recorder.adopt}. What it gives is called with the whole command.
   */
  begin?: ((recorder: Recorder) => (trace: CommandTrace) => void) | undefined;
  /** davit's version. */
  version?: string | undefined;
  /** The command line after `davit`; none in an embedding program. */
  args?: readonly string[] | undefined;
  /** Default: parentBased of sampler.ts. */
  sampler?: Sampler | undefined;
}

/** What state.json holds of a container's trace. */
export interface KnownContainer {
  traceparent?: string | undefined;
  tracestate?: string | undefined;
  annotations?: Readonly<Record<string, string>> | undefined;
}

export interface FinishOptions {
  /** CLOCK_MONOTONIC nanoseconds; now when absent. */
  end?: bigint | undefined;
  exitCode?: number | undefined;
  attributes?: Attributes | undefined;
  error?: unknown;
  /** What a stage failed with, though the command did not. */
  tolerated?: unknown;
  /** What to do about the error. */
  hint?: string | undefined;
}
