import { readdirSync, readFileSync, statSync } from 'node:fs';
import { SERVICE_NAME, UNFINISHED } from '../record/attributes.ts';
import type { ExportTraceServiceRequest, OtlpResourceSpans } from '../store/otlp.ts';
import type { Span } from '../store/span.ts';
import { TRACE_FILE, traceFile } from '../store/store.ts';
import { byStart } from './by-start.ts';
import { ignoreMissing } from './ignore-missing.ts';
import { decodeSpans } from './otlp-decode.ts';

/** One command of a trace. */
export interface StoredCommand {
  /** The command's own span, `davit create`. */
  root: Span;
  /** The spans below the root, in the order in which they were recorded. */
  spans: Span[];
  /** The stored request that holds the command. */
  request: ExportTraceServiceRequest;
}

/** The life of one container. Its commands are sorted by their start. */
export interface StoredTrace {
  containerId: string;
  traceId: string;
  commands: StoredCommand[];
  /** Commands that came later and found no container of this id: each has a trace of its own. */
  orphanCommands: StoredCommand[];
}

/**
 * The stored traces of container `id`, oldest first; several when the id was used again. Skips
 * lines that are truncated or not OTLP/JSON. Throws when a file cannot be read.
 */
export function readTraces(directory: string, id: string): StoredTrace[] {
  const path = traceFile(directory, id);
  const traces = new Map<string, StoredTrace>();
  for (const command of [`${path}.1`, path].flatMap((file) => parseCommands(readText(file)))) {
    const { traceId } = command.root;
    const trace = traces.get(traceId) ?? {
      containerId: id,
      traceId,
      commands: [],
      orphanCommands: [],
    };
    trace.commands.push(command);
    traces.set(traceId, trace);
  }
  for (const trace of traces.values()) {
    trace.commands = joinNested(joinUnfinished(trace.commands)).sort((a, b) =>
      byStart(a.root, b.root),
    );
  }
  return attachOrphanCommands([...traces.values()]);
}

/** A container that has a trace. */
export interface TracedContainer {
  id: string;
  /** When its trace was last written to, in milliseconds since the epoch. */
  time: number;
}

export function tracedContainers(directory: string): TracedContainer[] {
  const names = ignoreMissing(() => readdirSync(directory), []);
  const latest = new Map<string, TracedContainer>();
  for (const name of names.filter((name) => TRACE_FILE.test(name))) {
    const id = name.replace(TRACE_FILE, '');
    const stat = statSync(`${directory}/${name}`, { throwIfNoEntry: false });
    if (stat?.isFile()) {
      latest.set(id, { id, time: Math.max(stat.mtimeMs, latest.get(id)?.time ?? 0) });
    }
  }
  return [...latest.values()];
}

/** The program that recorded a command: `service.name`. */
export function serviceOf({ request }: StoredCommand): string {
  const attributes = request.resourceSpans[0]?.resource?.attributes ?? [];
  const name = attributes.find(({ key }) => key === SERVICE_NAME)?.value;
  return name && 'stringValue' in name ? name.stringValue : 'davit';
}

/** The program that recorded a command, where the command's name does not say so. */
export function foreignService(command: StoredCommand): string | undefined {
  const service = serviceOf(command);
  return command.root.name.startsWith(`${service} `) ? undefined : service;
}

/** Merges a command's early line, stored while it ran, into its final line. */
function joinUnfinished(commands: StoredCommand[]): StoredCommand[] {
  const early = Map.groupBy(commands.filter(isUnfinished), ({ root }) => root.spanId);
  const ended = commands.filter((command) => !isUnfinished(command));
  for (const command of ended) {
    for (const one of early.get(command.root.spanId) ?? []) prepend(one, command);
    early.delete(command.root.spanId);
  }
  return [...ended, ...[...early.values()].flat()];
}

function prepend(early: StoredCommand, command: StoredCommand): void {
  command.spans.unshift(...early.spans);
  const scopes = command.request.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans);
  const { spans } = scopes.find(({ spans }) => spans[0]?.spanId === command.root.spanId) ?? {};
  const before = belowRoot(early).flatMap(({ scopeSpans }) => scopeSpans);
  spans?.splice(1, 0, ...before.flatMap(({ spans }) => spans));
}

/** True for a command that was stored while it ran: a later line has its end. */
export const isUnfinished = ({ root }: StoredCommand): boolean =>
  root.attributes[UNFINISHED] === true;

/** A command's stored spans without the root span. */
export const belowRoot = ({ root, request }: StoredCommand): OtlpResourceSpans[] =>
  request.resourceSpans.map(({ scopeSpans, ...rest }) => ({
    ...rest,
    scopeSpans: scopeSpans.map(({ spans, ...scope }) => ({
      ...scope,
      spans: spans.filter(({ spanId }) => spanId !== root.spanId),
    })),
  }));

/** Moves the spans that a hook or another program stored below the span that started it. */
function joinNested(commands: StoredCommand[]): StoredCommand[] {
  const holders = new Map(
    commands.flatMap((command) => command.spans.map(({ spanId }) => [spanId, command] as const)),
  );
  return commands.filter((command) => {
    const holder = holders.get(command.root.parentSpanId ?? '');
    if (holder === undefined || holder === command) return true;
    holder.spans.push(command.root, ...command.spans);
    holder.request = {
      resourceSpans: [...holder.request.resourceSpans, ...command.request.resourceSpans],
    };
    return false;
  });
}

/** Moves commands that found no container to the life before them, where there is one. */
function attachOrphanCommands(traces: StoredTrace[]): StoredTrace[] {
  const lives: StoredTrace[] = [];
  for (const trace of traces) {
    const before = lives.at(-1);
    if (before !== undefined && foundNoContainer(trace))
      before.orphanCommands.push(...trace.commands);
    else lives.push(trace);
  }
  return lives;
}

function foundNoContainer({ commands }: StoredTrace): boolean {
  return commands.every(
    ({ root }) => root.error !== undefined && !/ (?:create|run)$/.test(root.name),
  );
}

/** Parses the commands in a trace file, or in a part of one. */
export function parseCommands(text: string): StoredCommand[] {
  // After half a line (the disk was full) the next command's line follows without a newline.
  const lines = text.split(/\n|(?=\{"resourceSpans":)/).filter((line) => line !== '');
  return lines.flatMap((line) => parseLine(line) ?? []);
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

const readText = (path: string): string => ignoreMissing(() => readFileSync(path, 'utf8'), '');
