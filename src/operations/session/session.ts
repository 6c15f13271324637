import type { StageError } from '../../errors/stage-error.ts';
import type { Restarted } from '../../init/restart.ts';
import type { LifecycleBus } from '../../lifecycle/bus.ts';
import type { EventLoop } from '../../lifecycle/event-loop.ts';
import type { PluginCall } from '../../lifecycle/events.ts';
import type { FinishListeners } from '../../plugins/listen.ts';
import type { PluginLoader } from '../../plugins/load/requested.ts';
import type { ContainerRequest } from '../../state/container.ts';
import type { ContainerRecord } from '../../state/record.ts';
import { PLUGIN_LISTENERS } from '../../trace/record/attributes.ts';
import type { CommandSpans, Outcome } from '../../trace/record/command-spans.ts';
import type { CommandTrace } from '../../trace/store/span.ts';
import { appendTrace } from '../../trace/store/store.ts';
import { traceDirectory } from '../../trace/store/trace-directory.ts';
import { emitCommand } from './command-event.ts';
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
  /**
   * Called last, when the command is over and its trace is in the store: with the store's directory. Not where
   * the embedding program's own telemetry has the spans.
   */
  onStored?: (directory: string) => void;
}

/** One command under way: its trace, and who watches. */
export interface Session {
  readonly log: OperationLog;
  readonly bus: LifecycleBus;
  readonly eventLoop: EventLoop | undefined;
  readonly notes: ContainerRecord['plugins'];
  readonly pluginCalls: PluginCall[];
  /** Lets plugins' listeners finish; absent where none listens. */
  readonly finishListeners: FinishListeners | undefined;
  readonly restart: readonly string[] | undefined;
  readonly restarted: Restarted | undefined;
  readonly spans: CommandSpans;
  /** Nanoseconds in which davit only waited for the container's program. */
  waited: bigint;
  /** Why the program could not be executed, where the command is not to fail by that. */
  tolerated?: StageError;
  readonly onStored: SessionOptions['onStored'];
  /** True from when its trace is stored. */
  ended: boolean;
}

/** What every command about a container is asked. */
export interface SessionRequest extends ContainerRequest {
  session?: SessionOptions;
}

/** Runs a command about a container as one trace span, stored when it ends, however it ends. */
export async function inSession<T>(
  command: string,
  request: SessionRequest,
  body: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await openSession(command, request);
  let outcome: Outcome = {};
  try {
    // A launch has something to take back first: endLostLaunch.
    if (session.restarted && !makesContainer(command)) throw session.restarted.error;
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

/** True for a command that finds no container of its id. */
export const makesContainer = (command: string): boolean =>
  command === 'create' || command === 'run';

/** Tells everybody that the command is over, and stores its trace. */
export async function endSession(session: Session, outcome: Outcome): Promise<void> {
  session.ended = true;
  emitCommand(session, outcome);
  await endPlugins(session);
  const directory = store(session, outcome);
  if (directory && !session.spans.options.program) session.onStored?.(directory);
}

/** Hints are loaded for failures alone. */
const hintFor = async (error: unknown): Promise<string | undefined> =>
  (await import('../../errors/hints/hint-of.ts')).hintOf(error);

/** Their listeners' last work is part of the command, and of its trace. */
async function endPlugins({ finishListeners, spans }: Session): Promise<void> {
  if (!finishListeners) return;
  const span = spans.start('endPlugins', process.hrtime.bigint());
  const short = await finishListeners(span);
  const attributes = short.length > 0 ? { [PLUGIN_LISTENERS]: short } : {};
  spans.end(span, { end: process.hrtime.bigint(), attributes });
}

/** Where the trace is now, if anywhere: a store that cannot be written never fails the command. */
function store({ spans, log }: Session, outcome: Outcome): string | undefined {
  return append(spans.options.id, spans.finish(outcome), log);
}

/** Lets a command be seen in the store while its program runs, which then takes less time in the end. */
export function storeSoFar({ spans, log }: Session): void {
  append(spans.options.id, spans.soFar(), log);
}

function append(id: string, trace: CommandTrace, log: OperationLog): string | undefined {
  const directory = traceDirectory(process.env);
  const failure = directory && appendTrace(directory, id, trace);
  if (!failure) return directory;
  log.debug(`trace not stored: ${failure}`);
  return undefined;
}
