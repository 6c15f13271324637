import type { SpanContext } from '@opentelemetry/api';
import { environ } from '../../caller/environ.ts';
import type { Successor } from '../../syscalls/switch/switch.ts';
import { formatTraceparent, parseTraceparent } from '../../trace/record/trace-context.ts';

/** In the environment of a `davit start` that had released init and is to explain what became of it. */
const VARIABLE = 'DAVIT_RELEASED';

/** What one `davit start` leaves to the next in its process. */
export interface Released {
  /** The connection to init: where it is read and written. */
  input: number;
  output: number;
  /** Holds the report of a program that could not be executed; empty where init took no turn. */
  failure: number;
  /** The span of the exec stage, which was stored before the program was executed. */
  exec: SpanContext;
}

/** `restart`, the command line, once more, with what it is to know. */
export function successorOf(restart: readonly string[], released: Released): Successor {
  const { input, output, failure, exec } = released;
  const value = [process.pid, input, output, failure, formatTraceparent(exec)].join(' ');
  return {
    path: process.execPath,
    argv: restart,
    env: environ({ ...process.env, [VARIABLE]: value }),
  };
}

/** What this process has released, if it has; once. */
export function releasedFrom(environment: NodeJS.ProcessEnv): Released | undefined {
  const value = environment[VARIABLE];
  if (value === undefined) return undefined;
  delete environment[VARIABLE];
  const [pid, input, output, failure, traceparent] = value.split(' ');
  const exec = parseTraceparent(traceparent);
  if (pid !== String(process.pid) || !exec) return undefined;
  return { input: Number(input), output: Number(output), failure: Number(failure), exec };
}
