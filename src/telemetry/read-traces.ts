import { readdirSync, readFileSync, statSync } from 'node:fs';
import { failedWith } from '../errors/syscall-error.ts';
import type { ExportTraceServiceRequest } from './otlp.ts';
import { decodeSpans } from './otlp-decode.ts';
import type { Span } from './span.ts';
import { traceFile } from './store.ts';

/** One command of a trace. */
export interface StoredCommand {
  /** The command's own span, `davit create`. */
  root: Span;
  /** Those below it, in the order they were recorded. */
  spans: Span[];
  /** As it was stored. */
  request: ExportTraceServiceRequest;
}

/** The life of one container: its commands by their start. */
export interface StoredTrace {
  containerId: string;
  traceId: string;
  commands: StoredCommand[];
}

/**
 * The traces kept of container `id`, the oldest first; more than one where the id was used again.
 * Lines that are truncated, or not OTLP/JSON, are passed over. Throws when a file can't be read.
 */
export function readTraces(directory: string, id: string): StoredTrace[] {
  const path = traceFile(directory, id);
  const traces = new Map<string, StoredTrace>();
  for (const line of [...readLines(`${path}.1`), ...readLines(path)]) {
    const command = parseLine(line);
    if (command === undefined) continue;
    const { traceId } = command.root;
    const trace = traces.get(traceId) ?? { containerId: id, traceId, commands: [] };
    trace.commands.push(command);
    traces.set(traceId, trace);
  }
  for (const { commands } of traces.values()) commands.sort((a, b) => order(a.root, b.root));
  return [...traces.values()];
}

/** The container whose trace was written to last; `undefined` when there is none. */
export function latestContainer(directory: string): string | undefined {
  const names = ignoreMissing(() => readdirSync(directory), []);
  let latest: { name: string; time: number } | undefined;
  for (const name of names.filter((name) => name.endsWith('.jsonl'))) {
    const time = statSync(`${directory}/${name}`, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (latest === undefined || time > latest.time) latest = { name, time };
  }
  return latest?.name.slice(0, -'.jsonl'.length);
}

function parseLine(line: string): StoredCommand | undefined {
  try {
    const request = JSON.parse(line) as ExportTraceServiceRequest;
    const spans = decodeSpans(request);
    const ids = new Set(spans.map(({ spanId }) => spanId));
    const root = spans.find(({ parentSpanId }) => !parentSpanId || !ids.has(parentSpanId));
    return root && { root, spans: spans.filter((span) => span !== root), request };
  } catch {
    return undefined;
  }
}

function readLines(path: string): string[] {
  const text = ignoreMissing(() => readFileSync(path, 'utf8'), '');
  return text.split('\n').filter((line) => line !== '');
}

function ignoreMissing<T>(read: () => T, absent: T): T {
  try {
    return read();
  } catch (error) {
    if (failedWith(error, 'ENOENT', 'ENAMETOOLONG')) return absent;
    throw error;
  }
}

function order(a: Span, b: Span): number {
  return a.start < b.start ? -1 : Number(a.start > b.start);
}
