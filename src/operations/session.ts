import type { RuntimeError } from '../errors/runtime-error.ts';
import type { LifecycleBus } from '../lifecycle/bus.ts';
import { BusObserver } from '../lifecycle/bus-observer.ts';
import type { Watched } from '../lifecycle/context.ts';
import type { Extensions } from '../lifecycle/extensions.ts';
import type { Interceptor, Observer, StageRun, Watch } from '../lifecycle/observer.ts';
import type { CommandName } from '../plugins/api.ts';
import { hungPlugin } from '../plugins/hung-plugin.ts';
import type { Listening } from '../plugins/listen.ts';
import type { Plugged, PluggedOccasion } from '../plugins/plug-in.ts';
import type { PluginLoader } from '../plugins/requested.ts';
import { PLUGIN_LISTENERS } from '../telemetry/attributes.ts';
import { Recorder } from '../telemetry/recorder.ts';
import { samplerFrom } from '../telemetry/sampler.ts';
import { StageSpans } from '../telemetry/stage-spans.ts';
import { appendTrace } from '../telemetry/store.ts';
import { traceContextFrom } from '../telemetry/trace-context.ts';
import { traceDirectory } from '../telemetry/trace-directory.ts';
import { version } from '../version.ts';
import { emitCommand, type Outcome } from './emit.ts';

/** Where warnings and --debug lines go. */
export interface OperationLog {
  readonly debugging: boolean;
  debug(message: string): void;
  warning(message: string): void;
}

/** How a command is watched; all of it optional. */
export interface SessionOptions {
  /** When the command began: CLOCK_MONOTONIC nanoseconds. Default: now. */
  start?: bigint;
  /** The command line, for the trace. */
  args?: readonly string[];
  /** The command line that starts this process again: a command's. */
  restart?: readonly string[];
  log?: OperationLog;
  bus?: LifecycleBus<string>;
  interceptors?: ReadonlyMap<string, readonly Interceptor[]>;
  /** Absent where there are no plugins. */
  plugins?: PluginLoader | undefined;
  /** The way into the embedding program's own telemetry, where it has one. */
  openTelemetry?: () => Promise<typeof import('../telemetry/otel-bridge.ts')>;
  /** Called last, when the command is over and its trace is in the store: with the store's directory. */
  onStored?: (directory: string) => void;
}

/** One command under way: its trace, and who watches. */
export interface Session {
  readonly recorder: Recorder;
  readonly watch: Watch;
  readonly log: OperationLog;
  readonly bus: LifecycleBus<string> | undefined;
  readonly watched: Watched;
  readonly extensions: Extensions | undefined;
  readonly listening: Listening | undefined;
  readonly restart: readonly string[] | undefined;
  /** What this command hung in before it was started again: a plugin. */
  readonly hung: RuntimeError | undefined;
  /** The stage that is running, for what it starts. */
  readonly spans: StageSpans;
  /** Nanoseconds in which davit only waited for the container's program. */
  waited: bigint;
  /** Where its trace was stored. */
  storedIn: string | undefined;
}

const SILENT: OperationLog = { debugging: false, debug: () => {}, warning: () => {} };

/**
 * Runs a command about container `id` as one trace span, stored when it ends, however it ends.
 * `body` tells the recorder of the container's own trace, once it has read it.
 */
export async function inSession<T>(
  command: string,
  id: string,
  options: SessionOptions | undefined,
  body: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await openSession(command, id, options);
  let outcome: Outcome = {};
  try {
    // A launch has something to take back first: endLostLaunch.
    if (session.hung && command !== 'create' && command !== 'run') throw session.hung;
    const result = await body(session);
    if (typeof result === 'number') outcome = { exitCode: result };
    return result;
  } catch (error) {
    outcome = { error, hint: (await import('../errors/hints.ts')).hintOf(error) };
    throw error;
  } finally {
    emitCommand(session, outcome);
    await endPlugins(session);
    store(session, outcome);
    if (session.storedIn) options?.onStored?.(session.storedIn);
  }
}

async function openSession(
  command: string,
  id: string,
  options: SessionOptions = {},
): Promise<Session> {
  const now = process.hrtime.bigint();
  const { start = now, interceptors = new Map(), log = SILENT, args, restart } = options;
  const otel = await options.openTelemetry?.();
  const caller = otel?.activeSpan() ?? traceContextFrom(process.env);
  const sampler = samplerFrom(process.env);
  const recorder = new Recorder({
    ...{ command, start, caller, args, sampler, version },
    begin: otel?.bridge,
  });
  if (start < now) recorder.span('loadRuntime', { start, end: now });
  recorder.setContainer(id);
  const spans = new StageSpans(recorder);
  const occasion = {
    id,
    command: command as CommandName,
    start,
    bus: options.bus,
    log,
    spans,
    restart,
  };
  const load = options.plugins;
  const hung = load && hungPlugin(process.env);
  const plugged = load && !hung ? await plugIn(load, occasion, recorder) : undefined;
  const bus = plugged?.bus ?? options.bus;
  const observers: Observer[] = [spans];
  if (bus) observers.push(new BusObserver(bus, id));
  if (log.debugging) observers.push(logStages(log));
  const watch = { observers, interceptors };
  const watched = {
    announce: options.bus !== undefined || log.debugging || (plugged?.announce ?? false),
    intercept: new Set([...interceptors.keys(), ...(plugged?.intercept ?? [])]),
    interceptAfter: new Set(plugged?.interceptAfter),
  };
  const { extensions, listening } = plugged ?? {};
  const plugs = { bus, extensions, listening, watch, watched };
  return { recorder, spans, log, ...plugs, restart, hung, waited: 0n, storedIn: undefined };
}

/** What plugins do, and load, is only loaded here. */
async function plugIn(
  load: PluginLoader,
  occasion: PluggedOccasion,
  recorder: Recorder,
): Promise<Plugged | undefined> {
  const start = process.hrtime.bigint();
  const { plugIn } = await import('../plugins/plug-in.ts');
  const plugged = await plugIn(load, occasion);
  const end = process.hrtime.bigint();
  recorder.span('loadPlugins', { start, end });
  return plugged;
}

/** Their listeners' last work is part of the command, and of its trace. */
async function endPlugins({ listening, recorder }: Session): Promise<void> {
  if (!listening) return;
  const start = process.hrtime.bigint();
  const spanId = recorder.newSpanId();
  const short = await listening.end(spanId);
  const attributes = short.length > 0 ? { [PLUGIN_LISTENERS]: short } : {};
  recorder.span('endPlugins', { start, end: process.hrtime.bigint(), spanId, attributes });
}

function logStages(log: OperationLog): Observer {
  return {
    acts: () => true,
    before: ({ name, side }) => log.debug(`stage ${name} (${side})`),
    after: (run) => log.debug(`stage ${run.stage.name}: ${outcomeOf(run)}`),
    undone: (run) => log.debug(`undo ${run.stage.name}: ${outcomeOf(run)}`),
  };
}

function outcomeOf({ begin, end, failure }: StageRun): string {
  const ms = (Number(end - begin) / 1e6).toFixed(3);
  return `${failure ? `failed: ${failure.message}` : 'done'} (${ms} ms)`;
}

/** A store that cannot be written never fails the command. */
function store(session: Session, outcome: Outcome): void {
  const { recorder, log } = session;
  const directory = ownTraceDirectory();
  const id = recorder.containerId;
  if (!id) return;
  const trace = recorder.finish(outcome);
  if (!directory) return;
  const failure = appendTrace(directory, id, trace);
  if (failure) log.debug(`trace not stored: ${failure}`);
  else session.storedIn = directory;
}

/** Where this process stores traces; `undefined` when it stores none. */
export const ownTraceDirectory = (): string | undefined => traceDirectory(process.env);
