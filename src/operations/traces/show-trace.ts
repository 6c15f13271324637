import { writeFileSync } from 'node:fs';
import { atPath, nodeErrorMessage } from '../../errors/node-error.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { blame } from '../../trace/read/analysis/blame.ts';
import { criticalChains } from '../../trace/read/analysis/critical-chain.ts';
import { listTraces } from '../../trace/read/analysis/list.ts';
import { fillPage } from '../../trace/read/page/fill-page.ts';
import { toPerfetto } from '../../trace/read/perfetto/perfetto.ts';
import type { StoredTrace } from '../../trace/read/read-traces.ts';
import { drawBlame } from '../../trace/read/tables/draw-blame.ts';
import { drawComparison } from '../../trace/read/tables/draw-comparison.ts';
import { drawCriticalChains } from '../../trace/read/tables/draw-critical-chain.ts';
import { drawList } from '../../trace/read/tables/draw-list.ts';
import { type Canvas, canvasOf } from '../../trace/read/text/canvas.ts';
import { renderWaterfall } from '../../trace/read/waterfall/waterfall.ts';
import type { ExportTraceServiceRequest } from '../../trace/store/otlp.ts';
import { compareTraces } from './compare-traces.ts';
import { chosenTraces, type TraceRequest } from './trace-request.ts';

export { followTraces } from './follow-traces.ts';

/*
 * This module is a bundle of its own (tools/build/bundle/bundle.ts), which commands that make
 * containers do not load.
 */

/** What `davit trace` prints. */
export function showTrace(request: TraceRequest): string {
  if (request.view === 'compare') return show(compareTraces(request), drawComparison, request);
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

function otlp(traces: readonly StoredTrace[]): ExportTraceServiceRequest {
  const commands = traces.flatMap((trace) => trace.commands);
  return { resourceSpans: commands.flatMap(({ request }) => request.resourceSpans) };
}

/** Writes the traces that `request` selects to `file`, as a page for a browser. */
export function writePage(request: TraceRequest, file: string): void {
  write(file, fillPage(chosenTraces(request)));
}

/** Writes the traces that `request` selects to `file`, for ui.perfetto.dev. */
export function writePerfetto(request: TraceRequest, file: string): void {
  write(file, JSON.stringify(toPerfetto(chosenTraces(request))));
}

function write(file: string, text: string): void {
  try {
    atPath(file, () => writeFileSync(file, text));
  } catch (error) {
    throw new RuntimeError(`cannot write the trace: ${nodeErrorMessage(error as Error)}`);
  }
}
