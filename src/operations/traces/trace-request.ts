import type { Environment } from '../../config/environment.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { chooseTraces } from '../../trace/read/choose-traces.ts';
import type { TraceChoice } from '../../trace/read/lives.ts';
import type { StoredTrace } from '../../trace/read/read-traces.ts';
import type { TerminalFeatures } from '../../trace/read/text/canvas.ts';
import { formatTime } from '../../trace/read/text/time.ts';
import { nanosecondsOf } from '../../trace/record/clock.ts';
import { traceDirectory, tracingDisabled } from '../../trace/store/trace-directory.ts';

/** A view of the selected traces. */
export type TraceView = 'list' | 'blame' | 'critical-chain' | 'compare';

export interface TraceRequest extends TraceChoice {
  /** Default: the waterfall of one life, the list of several. */
  view?: TraceView | undefined;
  /** For programs: the view's data as JSON; without a view the spans, as one OTLP/JSON document. */
  json?: boolean | undefined;
  environment: Environment;
  drawing: TerminalFeatures;
}

/** The traces that a request selects, at least one. */
export function chosenTraces(request: TraceRequest): StoredTrace[] {
  const directory = storeOf(request);
  const { view, names, last, slowest, since, until, failed } = request;
  const narrowed = [last, slowest, since, until, failed].some((one) => one !== undefined);
  // Without a filter, show a single life in detail.
  const closely = !narrowed && (view === undefined || view === 'critical-chain');
  const choice = closely ? { latestLife: true, ...(names.length === 0 && { last: 1 }) } : {};
  const traces = chooseTraces(directory, { ...request, ...choice });
  if (traces.length === 0) throw noTrace(directory, request);
  return traces;
}

/** The directory of the store. Throws when no traces are kept. */
export function storeOf({ environment }: TraceRequest): string {
  const directory = traceDirectory(environment);
  if (directory !== undefined) return directory;
  const hint = tracingDisabled(environment)
    ? 'OTEL_SDK_DISABLED=true turns traces off'
    : 'set DAVIT_TRACE_DIR or HOME';
  throw new RuntimeError('no traces are kept', hint);
}

function noTrace(directory: string, request: TraceRequest): RuntimeError {
  const { names, commands = [], since, until, failed } = request;
  const quoted = names.map((name) => JSON.stringify(name)).join(' or ');
  const parts = [
    names.length === 0 ? 'no container has a trace' : `container ${quoted} has no trace`,
    commands.length > 0 && `of davit ${commands.join(' or ')}`,
    failed && 'of a failure',
    since !== undefined && `since ${describeTime(since)}`,
    until !== undefined && `before ${describeTime(until)}`,
  ];
  return new RuntimeError(parts.filter(Boolean).join(' '), `traces are kept in ${directory}`);
}

/** A time of a request as text. */
export const describeTime = (milliseconds: number): string =>
  formatTime(nanosecondsOf(milliseconds));
