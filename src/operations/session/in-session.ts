import { nodeErrorMessage } from '../../errors/node-error.ts';
import { monotonicNs } from '../../syscalls/time/monotonic.ts';
import { PLUGIN_LISTENERS } from '../../trace/record/attributes.ts';
import type { Outcome } from '../../trace/record/command-spans.ts';
import type { CommandTrace } from '../../trace/store/span.ts';
import { appendTrace } from '../../trace/store/store.ts';
import { traceDirectory } from '../../trace/store/trace-directory.ts';
import { emitCommand } from './command-event.ts';
import { openSession } from './open-session.ts';
import { makesContainer, type Session, type SessionRequest } from './session.ts';

/** Runs a command about a container as one trace span, which is stored however the command ends. */
export async function inSession<T>(
  command: string,
  request: SessionRequest,
  body: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await openSession(command, request);
  let outcome: Outcome = {};
  try {
    // create and run clean up first: endLostLaunch.
    if (session.restarted && !makesContainer(command)) throw session.restarted.error;
    const result = await body(session);
    if (typeof result === 'number') outcome = { exitCode: result };
    const { toleratedError } = session;
    if (toleratedError)
      Object.assign(outcome, { toleratedError, hint: await hintFor(toleratedError) });
    return result;
  } catch (error) {
    outcome = { error, hint: await hintFor(error) };
    throw error;
  } finally {
    if (!session.ended) await endSession(session, outcome);
  }
}

/** Emits that the command has ended, and stores its trace. */
export async function endSession(session: Session, outcome: Outcome): Promise<void> {
  session.ended = true;
  emitCommand(session, outcome);
  await endPlugins(session);
  const directory = store(session, outcome);
  if (directory && !session.spans.options.program) session.onStored?.(directory);
}

/** Hints are loaded only for failures. */
const hintFor = async (error: unknown): Promise<string | undefined> =>
  (await import('../../errors/hints/hint-of.ts')).hintOf(error);

/** The listeners' last work is part of the command and of its trace. */
async function endPlugins({ finishListeners, spans }: Session): Promise<void> {
  if (!finishListeners) return;
  const span = spans.start('endPlugins', monotonicNs());
  const short = await finishListeners(span);
  const attributes = short.length > 0 ? { [PLUGIN_LISTENERS]: short } : {};
  spans.end(span, { end: monotonicNs(), attributes });
}

/**
 * Stores the trace and returns the store's directory. A failure to write never fails the command.
 */
function store(session: Session, outcome: Outcome): string | undefined {
  return append(session, session.spans.finish(outcome));
}

/**
 * Stores the command so far, so that it can be seen while its program runs and its end takes less
 * time.
 */
export function storeSoFar(session: Session): void {
  append(session, session.spans.soFar());
}

function append({ spans, log, environment }: Session, trace: CommandTrace): string | undefined {
  const directory = traceDirectory(environment);
  const failure = directory && appendTrace(directory, spans.options.id, trace);
  if (!failure) return directory;
  log.debug(`trace not stored: ${nodeErrorMessage(failure)}`);
  return undefined;
}
