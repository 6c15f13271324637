import { errorReport } from '../../../errors/report.ts';
import { CODE, StatusError } from '../ttrpc/status.ts';

/**
 * The failure of an operation as containerd's clients see it: runc's shim begins with the same
 * words, which Docker matches. `subject` is as `create web1`.
 */
function runtimeFailure(error: unknown, subject: string): StatusError {
  if (error instanceof StatusError) return error;
  const { message, hint } = errorReport(error, subject);
  const [verb] = subject.split(' ');
  const text = hint ? `${message} (hint: ${hint})` : message;
  return new StatusError(CODE.unknown, `OCI runtime ${verb} failed: ${text}`, { cause: error });
}

/** Runs an operation; its failure becomes a {@link StatusError}. */
export async function inRuntime<T>(subject: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    throw runtimeFailure(error, subject);
  }
}
