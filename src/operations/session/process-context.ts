import type { ProcessContext } from '../../context/context.ts';
import { baggageFrom } from '../../trace/record/baggage.ts';
import { traceEnvironment } from '../../trace/record/trace-context.ts';
import { commandContext } from './command-context.ts';
import type { Session } from './session.ts';

/** The fields of the context that are the same in every command that makes or starts a process. */
export function processContext(
  session: Session,
  atEnd: DisposableStack,
): Omit<ProcessContext, 'detached'> {
  const context = commandContext(session);
  return {
    ...context,
    atEnd,
    startSockets: atEnd.use(new DisposableStack()),
    unprivileged: process.geteuid!() !== 0,
    nofileLimit: context.initParent.nofileLimit,
    traceEnvironment: traceEnvironment(
      session.spans.root.spanContext(),
      baggageFrom(session.environment.BAGGAGE),
    ),
    inherited: { notify: -1, console: -1, pidfd: -1 },
    released: false,
  };
}
