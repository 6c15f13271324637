import { inheritedNoFile } from '../../init/trampoline/inherited-nofile.ts';
import type { CommandContext, RuntimeContext } from '../../lifecycle/context.ts';
import { baggageFrom } from '../../trace/record/baggage.ts';
import { traceEnvironment } from '../../trace/record/trace-context.ts';
import { commandContext } from './command-context.ts';
import type { Session } from './session.ts';

type LaunchFields =
  | 'eventLoop'
  | 'unprivileged'
  | 'noFile'
  | 'traceEnvironment'
  | 'init'
  | 'channel'
  | 'attachment'
  | 'detached'
  | 'released';

/** What is the same in every context of a launch: the caller's, and what only stages fill in. */
export function baseContext(session: Session): CommandContext & Pick<RuntimeContext, LaunchFields> {
  return {
    ...commandContext(session),
    eventLoop: session.eventLoop,
    unprivileged: process.geteuid!() !== 0,
    noFile: inheritedNoFile(process.env),
    traceEnvironment: traceEnvironment(
      session.spans.root.spanContext(),
      baggageFrom(process.env.BAGGAGE),
    ),
    init: undefined,
    channel: undefined,
    attachment: undefined,
    detached: false,
    released: false,
  };
}
