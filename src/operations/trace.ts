import { RuntimeError } from '../errors/runtime-error.ts';
import { blame } from '../telemetry/analysis/blame.ts';
import { compare } from '../telemetry/analysis/compare.ts';
import { criticalChains } from '../telemetry/analysis/critical-chain.ts';
import { listTraces } from '../telemetry/analysis/list.ts';
import { chooseTraces } from '../telemetry/choose-traces.ts';
import type { TraceChoice } from '../telemetry/lives.ts';
import type { ExportTraceServiceRequest } from '../telemetry/otlp.ts';
import type { StoredTrace } from '../telemetry/read-traces.ts';
import { drawBlame } from '../telemetry/tables/draw-blame.ts';
import { drawComparison } from '../telemetry/tables/draw-comparison.ts';
import { drawCriticalChains } from '../telemetry/tables/draw-critical-chain.ts';
import { drawList } from '../telemetry/tables/draw-list.ts';
import { type Canvas, canvasOf, type Drawing } from '../telemetry/text/canvas.ts';
import { formatTime } from '../telemetry/text/time.ts';
import { traceDirectory, tracingDisabled } from '../telemetry/trace-directory.ts';
import { renderWaterfall } from '../telemetry/waterfall/waterfall.ts';

/** What `davit trace` can show of the traces chosen. */
export type TraceView = 'list' | 'blame' | 'critical-chain' | 'compare';

export interface TraceRequest extends TraceChoice {
  /** Default: the waterfall of one life, the list of several. */
  view?: TraceView | undefined;
  /** For programs: what a view shows; without one the spans, as one OTLP/JSON document. */
  json?: boolean | undefined;
  environment: Readonly<Record<string, string | undefined>>;
  drawing: Drawing;
}

/** What `davit trace` prints. */
export function traceCommand(request: TraceRequest): string {
  if (request.view === 'compare') return comparison(request);
  const traces = chosenTraces(request);
  if (request.view === 'list') return show(listTraces(traces), drawList, request);
  if (request.view === 'blame') return show(blame(traces), drawBlame, request);
  if (request.view === 'critical-chain') {
    return show(criticalChains(traces), drawCriticalChains, request);
  }
  if (request.json) return toJson(otlp(traces));
  const [only, ...others] = traces;
  if (others.length > 0) return show(listTraces(traces), drawList, request);
  return renderWaterfall(only!, request.drawing);
}

function show<T>(
  data: T,
  draw: (data: T, canvas: Canvas) => string,
  { json, drawing }: TraceRequest,
): string {
  return json ? toJson(data) : draw(data, canvasOf(drawing));
}

const toJson = (value: unknown): string => JSON.stringify(value, null, 2);

/** The traces that a request is about, one at least. */
export function chosenTraces(request: TraceRequest): StoredTrace[] {
  const directory = storeOf(request);
  const { view, names, last, slowest, since, until, failed } = request;
  const narrowed = [last, slowest, since, until, failed].some((one) => one !== undefined);
  // Without a word on which, one life is looked at closely.
  const closely = !narrowed && (view === undefined || view === 'critical-chain');
  const choice = closely ? { latestLife: true, ...(names.length === 0 && { last: 1 }) } : {};
  const traces = chooseTraces(directory, { ...request, ...choice });
  if (traces.length === 0) throw noTrace(directory, request);
  return traces;
}

function storeOf({ environment }: TraceRequest): string {
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
    since !== undefined && `since ${timeText(since)}`,
    until !== undefined && `before ${timeText(until)}`,
  ];
  return new RuntimeError(parts.filter(Boolean).join(' '), `traces are kept in ${directory}`);
}

function comparison(request: TraceRequest): string {
  const [a, b] = groupsOf(request);
  const commands = compare(chosenTraces(a.request), chosenTraces(b.request));
  return show({ a: a.name, b: b.name, commands }, drawComparison, request);
}

interface Group {
  name: string;
  request: TraceRequest;
}

/** Two names, or before and after a moment. */
function groupsOf(request: TraceRequest): [Group, Group] {
  const [a, b, ...more] = request.names;
  if (a !== undefined && b !== undefined && more.length === 0) {
    return [
      { name: a, request: { ...request, names: [a] } },
      { name: b, request: { ...request, names: [b] } },
    ];
  }
  const { since } = request;
  if (since === undefined || b !== undefined) {
    throw new RuntimeError(
      '--compare takes two containers, or --since',
      "wildcards name many: davit trace --compare 'old-*' 'new-*'",
    );
  }
  const of = a === undefined ? '' : `${a} `;
  return [
    {
      name: `${of}before ${timeText(since)}`,
      request: { ...request, since: undefined, until: since },
    },
    { name: `${of}since ${timeText(since)}`, request },
  ];
}

const timeText = (milliseconds: number): string =>
  formatTime(BigInt(Math.round(milliseconds)) * 1_000_000n);

function otlp(traces: readonly StoredTrace[]): ExportTraceServiceRequest {
  const commands = traces.flatMap((trace) => trace.commands);
  return { resourceSpans: commands.flatMap(({ request }) => request.resourceSpans) };
}
