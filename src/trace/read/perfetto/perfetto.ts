import { type Attributes, STAGE_SIDE } from '../../record/attributes.ts';
import type { Span } from '../../store/span.ts';
import { sideOf } from '../analysis/command-times.ts';
import type { StoredCommand, StoredTrace } from '../read-traces.ts';
import { labelOf } from '../span-tree.ts';
import { formatTime } from '../text/time.ts';
import type { Args, TraceEvent, TraceEventFile } from './trace-events.ts';
import { type Track, Tracks } from './tracks.ts';

/**
 * Converts lives of containers for ui.perfetto.dev. Each life is a process, its runtime and its
 * container are threads. Times are microseconds from the first command's start.
 */
export function toPerfetto(traces: readonly StoredTrace[]): TraceEventFile {
  const starts = traces.flatMap(({ commands }) => commands.map(({ root }) => root.start));
  const origin = starts.toSorted((a, b) => Number(a - b))[0]!;
  return {
    traceEvents: traces.flatMap((trace, index) => lifeEvents(trace, index + 1, origin)),
    displayTimeUnit: 'ms',
    otherData: { start: formatTime(origin), program: 'davit' },
  };
}

function lifeEvents(trace: StoredTrace, pid: number, origin: bigint): TraceEvent[] {
  const tracks = new Tracks();
  const slices = trace.commands.flatMap((command) =>
    inOrder(command).flatMap((span) => {
      const side = span === command.root ? 'runtime' : sideOf(span.attributes[STAGE_SIDE]);
      return spanEvents(span, { ...tracks.place(span, side, command), pid }, origin);
    }),
  );
  const name = `${trace.containerId} (trace ${trace.traceId.slice(0, 8)})`;
  const named = (event: string, tid: number, args: Args) =>
    ({ ph: 'M', name: event, pid, tid, args }) as TraceEvent;
  return [
    named('process_name', 0, { name }),
    named('process_sort_index', 0, { sort_index: pid }),
    ...tracks.all.flatMap(({ tid, name }) => [
      named('thread_name', tid, { name }),
      named('thread_sort_index', tid, { sort_index: tid }),
    ]),
    ...slices,
  ];
}

/** Each span before those inside it. */
function inOrder({ root, spans }: StoredCommand): Span[] {
  const inner = spans.toSorted((a, b) => Number(a.start - b.start) || Number(b.end - a.end));
  return [root, ...inner];
}

function spanEvents(
  span: Span,
  { pid, tid, side }: Track & { pid: number },
  origin: bigint,
): TraceEvent[] {
  const cat = span.error === undefined ? side : `${side},failed`;
  const on = { pid, tid, cat };
  const args = argsOf(span.attributes);
  const failure = span.error === undefined ? {} : { error: span.error };
  const ids = { trace_id: span.traceId, span_id: span.spanId };
  return [
    {
      ph: 'X',
      name: labelOf(span),
      ...on,
      ts: micros(span.start - origin),
      dur: micros(span.end - span.start),
      args: { ...failure, ...args, ...ids },
    },
    ...span.events.map(
      ({ name, time, attributes = {} }): TraceEvent => ({
        ph: 'i',
        s: 't',
        name,
        ...on,
        ts: micros(time - origin),
        args: argsOf(attributes),
      }),
    ),
  ];
}

function argsOf(attributes: Attributes): Args {
  const set = Object.entries(attributes).filter(([, value]) => value !== undefined);
  return Object.fromEntries(set) as Args;
}

const micros = (nanos: bigint): number => Number(nanos) / 1e3;
