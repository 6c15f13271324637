import { inheritedNofileLimit } from '../../init/trampoline/inherited-nofile.ts';
import type { CommandContext, RuntimeContext } from '../../lifecycle/context.ts';
import { baggageFrom } from '../../trace/record/baggage.ts';
import { traceEnvironment } from '../../trace/record/trace-context.ts';
import { commandContext } from './command-context.ts';
import type { Session } from './session.ts';

type LaunchFields =
  | 'atEnd'
  | 'startSockets'
  | 'eventLoop'
  | 'unprivileged'
  | 'nofileLimit'
  | 'traceEnvironment'
  | 'init'
  | 'channel'
  | 'attachment'
  | 'inherited'
  | 'detached'
  | 'released';

/**
 * The fields that are the same in every launch's context: the caller's, and those that stages fill
 * in.
 */
export function baseContext(
  session: Session,
  atEnd: DisposableStack,
): CommandContext & Pick<RuntimeContext, LaunchFields> {
  return {
    ...commandContext(session),
    atEnd,
    startSockets: atEnd.use(new DisposableStack()),
    eventLoop: session.eventLoop,
    unprivileged: process.geteuid!() !== 0,
    nofileLimit: inheritedNofileLimit(session.environment),
    traceEnvironment: traceEnvironment(
      session.spans.root.spanContext(),
      baggageFrom(session.environment.BAGGAGE),
    ),
    init: undefined,
    channel: undefined,
    attachment: undefined,
    inherited: { notify: -1, console: -1, pidfd: -1 },
    detached: false,
    released: false,
  };
}
