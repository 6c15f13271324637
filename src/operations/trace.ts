import { RuntimeError } from '../errors/runtime-error.ts';
import type { ExportTraceServiceRequest } from '../telemetry/otlp.ts';
import { latestContainer, readTraces, type StoredTrace } from '../telemetry/read-traces.ts';
import { traceDirectory, tracingDisabled } from '../telemetry/trace-directory.ts';
import { renderWaterfall, type WaterfallOptions } from '../telemetry/waterfall/waterfall.ts';

export interface TraceOptions extends WaterfallOptions {
  /** The container's id; the one traced last when absent. */
  id?: string | undefined;
  /** Only these commands: `['create', 'start']`. */
  commands?: readonly string[] | undefined;
  /** The stored spans as one OTLP/JSON document. */
  json?: boolean | undefined;
  environment: Readonly<Record<string, string | undefined>>;
}

/** What `davit trace` prints. Of an id that was used again, its latest container. */
export function traceCommand(options: TraceOptions): string {
  const directory = storeOf(options);
  const id = options.id ?? latestContainer(directory);
  if (id === undefined) throw new RuntimeError('no container has a trace', keptIn(directory));
  const found = readTraces(directory, id).at(-1);
  if (found === undefined) {
    throw new RuntimeError(`container ${JSON.stringify(id)} has no trace`, keptIn(directory));
  }
  const trace = onlyCommands(found, options.commands);
  return options.json ? toJson(trace) : renderWaterfall(trace, options);
}

function storeOf({ environment }: TraceOptions): string {
  const directory = traceDirectory(environment);
  if (directory !== undefined) return directory;
  const hint = tracingDisabled(environment)
    ? 'OTEL_SDK_DISABLED=true turns traces off'
    : 'set DAVIT_TRACE_DIR or HOME';
  throw new RuntimeError('no traces are kept', hint);
}

function keptIn(directory: string): string {
  return `traces are kept in ${directory}`;
}

function onlyCommands(trace: StoredTrace, names: readonly string[] | undefined): StoredTrace {
  if (names === undefined || names.length === 0) return trace;
  const commands = trace.commands.filter(({ root }) =>
    names.includes(root.name.replace(/^davit /, '')),
  );
  if (commands.length > 0) return { ...trace, commands };
  const present = trace.commands.map(({ root }) => root.name).join(', ');
  throw new RuntimeError(
    `container ${JSON.stringify(trace.containerId)} has no trace of davit ${names.join(' or ')}`,
    `it has: ${present}`,
  );
}

function toJson({ commands }: StoredTrace): string {
  const resourceSpans = commands.flatMap(({ request }) => request.resourceSpans);
  return JSON.stringify({ resourceSpans } satisfies ExportTraceServiceRequest, null, 2);
}
