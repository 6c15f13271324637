import { hintOf } from './hints/hint-of.ts';
import { nodeErrorMessage } from './node-error.ts';

/** An error as davit prints it: the message, then a line that says what to do, if any. */
interface ErrorReport {
  /**
   * `davit: create web1: mounts: mounts[2]:
   * mount proc on /proc: EPERM: operation not permitted`.
   */
  message: string;
  hint: string | undefined;
}

/**
 * The report of a failure of `subject` (`create web1`). The parts of an AggregateError (an undo
 * that failed as well) follow the first failure, one on each line.
 */
export function errorReport(error: unknown, subject: string): ErrorReport {
  const message = ['davit', subject, messageOf(error)].filter(Boolean).join(': ');
  return { message, hint: hintOf(error) };
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!(error instanceof AggregateError)) return nodeErrorMessage(error);
  const [first, ...others] = error.errors.map(messageOf);
  return [error.message || first, ...(error.message ? [first, ...others] : others)]
    .filter(Boolean)
    .join('\n  and: ');
}
