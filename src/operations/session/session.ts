import type { StageError } from '../../errors/stage-error.ts';
import type { Restarted } from '../../init/restart.ts';
import type { LifecycleBus } from '../../lifecycle/bus.ts';
import type { EventLoop } from '../../lifecycle/event-loop.ts';
import type { PluginCall } from '../../lifecycle/events.ts';
import type { FinishListeners } from '../../plugins/listen.ts';
import type { PluginLoader } from '../../plugins/load/requested.ts';
import type { ContainerRecord } from '../../state/record.ts';
import { PLUGIN_LISTENERS } from '../../trace/record/attributes.ts';
import type { Recorder } from '../../trace/record/recorder.ts';
import type { StageSpans } from '../../trace/record/stage-spans.ts';
import type { CommandTrace } from '../../trace/store/span.ts';
import { appendTrace } from '../../trace/store/store.ts';
import { traceDirectory } from '../../trace/store/trace-directory.ts';
import { emitCommand, type Outcome } from './command-event.ts';
import { openSession } from './open-session.ts';
import type { OperationLog } from './operation-log.ts';

/** How the process of a command was called. */
export interface Invocation {
  /** When it was: CLOCK_MONOTONIC nanoseconds. */
  start: bigint;
  /** The command line after `davit`, for the trace. */
  args: readonly string[];
  /** The command line that starts the process again. */
  restart: readonly string[];
}

/** How a command is watched; all of it optional. */
export interface SessionOptions {
  /** Of a process that is there for the command alone; an embedding program is not. */
  invocation?: Invocation;
  log?: OperationLog;
  /** The embedding program's: the parent of the command's own. */
  bus?: LifecycleBus;
  /** Of a program that does other things, too. */
  eventLoop?: EventLoop;
  /** Absent where there are no plugins. */
  plugins?: PluginLoader | undefined;
  /** The way into the embedding program's own telemetry, where it has one. */
  openTelemetry?: () => Promise<typeof import('../../trace/record/otel-bridge.ts')>;
  /** Called last, when the command is over and its trace is in the store: with the store's directory. */
  onStored?: (directory: string) => void;
}

/** One command under way: its trace, and who watches. */
export interface Session {
  readonly recorder: Recorder;
  readonly log: OperationLog;
  readonly bus: LifecycleBus;
  readonly eventLoop: EventLoop | undefined;
  readonly notes: ContainerRecord['plugins'];
  readonly pluginCalls: PluginCall[];
  /** Lets plugins' listeners finish; absent where none listens. */
  readonly finishListeners: FinishListeners | undefined;
  readonly restart: readonly string[] | undefined;
  readonly restarted: Restarted | undefined;
  /** The stage that is running, for what it starts. */
  readonly spans: StageSpans;
  /** Nanoseconds in which davit only waited for the container's program. */
  waited: bigint;
  /** Why the program could not be executed, where the command is not to fail by that. */
  tolerated?: StageError;
  readonly onStored: SessionOptions['onStored'];
  /** True from when its trace is stored. */
  ended: boolean;
}

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
    if (session.restarted && command !== 'create' && command !== 'run') {
      throw session.restarted.error;
    }
    const result = await body(session);
    if (typeof result === 'number') outcome = { exitCode: result };
    const { tolerated } = session;
    if (tolerated) Object.assign(outcome, { tolerated, hint: await hintFor(tolerated) });
    return result;
  } catch (error) {
    outcome = { error, hint: await hintFor(error) };
    throw error;
  } finally {
    if (!session.ended) await endSession(session, outcome);
  }
}

/** Tells everybody that the command is over, and stores its trace. */
export async function endSession(session: Session, outcome: Outcome): Promise<void> {
  session.ended = true;
  emitCommand(session, outcome);
  await endPlugins(session);
  const directory = store(session, outcome);
  if (directory) session.onStored?.(directory);
}

/** Hints are loaded for failures alone. */
const hintFor = async (error: unknown): Promise<string | undefined> =>
  (await import('../../errors/hints/hint-of.ts')).hintOf(error);

/** Their listeners' last work is part of the command, and of its trace. */
async function endPlugins({ finishListeners, recorder }: Session): Promise<void> {
  if (!finishListeners) return;
  const start = process.hrtime.bigint();
  const spanId = recorder.newSpanId();
  const short = await finishListeners(spanId);
  const attributes = short.length > 0 ? { [PLUGIN_LISTENERS]: short } : {};
  recorder.span('endPlugins', { start, end: process.hrtime.bigint(), spanId, attributes });
}

/** Where the trace is now, if anywhere: a store that cannot be written never fails the command. */
function store({ recorder, log }: Session, outcome: Outcome): string | undefined {
  const id = recorder.containerId;
  if (!id) return undefined;
  return append(id, recorder.finish(outcome), log);
}

/** Lets a command be seen in the store while its program runs, which then takes less time in the end. */
export function storeSoFar({ recorder, log }: Session): void {
  append(recorder.containerId!, recorder.soFar(), log);
}

function append(id: string, trace: CommandTrace, log: OperationLog): string | undefined {
  const directory = traceDirectory(process.env);
  const failure = directory && appendTrace(directory, id, trace);
  if (!failure) return directory;
  log.debug(`trace not stored: ${failure}`);
  return undefined;
}
