import type { SpanContext } from '@opentelemetry/api';
import { environ } from '../../caller/environ.ts';
import type { CommandLine } from '../../init/restart.ts';
import type { ReplacementProgram } from '../../syscalls/switch/switch.ts';
import { formatTraceparent, parseTraceparent } from '../../trace/record/trace-context.ts';

/** Set for a `davit start` that has released init and must explain what happened to it. */
const VARIABLE = 'DAVIT_RELEASED';

/** What a `davit start` passes to the one that replaces it in its process. */
export interface Released {
  /** The connection to init: the fds for reading and writing. */
  input: number;
  output: number;
  /** Holds the report of a program that could not be executed. Empty if init never reported. */
  failure: number;
  /** The exec stage's span, which was stored before the program was executed. */
  exec: SpanContext;
}

/** The same command again (`restart` is its argv), with `released` in its environment. */
export function replacementAfterRelease(
  { argv, environment }: CommandLine,
  released: Released,
): ReplacementProgram {
  const { input, output, failure, exec } = released;
  const value = [process.pid, input, output, failure, formatTraceparent(exec)].join(' ');
  return {
    path: process.execPath,
    argv,
    env: environ({ ...environment, [VARIABLE]: value }),
  };
}

/** What this process has released, if anything. Only the first call returns it. */
export function releasedFrom(environment: NodeJS.ProcessEnv): Released | undefined {
  const value = environment[VARIABLE];
  if (value === undefined) return undefined;
  delete environment[VARIABLE];
  const [pid, input, output, failure, traceparent] = value.split(' ');
  const exec = parseTraceparent(traceparent);
  if (pid !== String(process.pid) || !exec) return undefined;
  return { input: Number(input), output: Number(output), failure: Number(failure), exec };
}
