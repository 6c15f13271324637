import type { RuntimeContext } from '../lifecycle/context.ts';
import { inheritedNoFile } from '../process/trampoline/inherited-nofile.ts';
import { baggageFrom } from '../telemetry/baggage.ts';
import { traceEnvironment } from '../telemetry/trace-context.ts';
import type { Session } from './session.ts';

type SessionFields =
  | 'bus'
  | 'eventLoop'
  | 'notes'
  | 'pluginCalls'
  | 'unprivileged'
  | 'noFile'
  | 'traceEnvironment'
  | 'stageTraceEnvironment'
  | 'newHookSpan'
  | 'hookRuns'
  | 'warn'
  | 'debug'
  | 'init'
  | 'channel'
  | 'attachment';

/** What is the same in every command's context: who watches, and what only stages fill in. */
export function baseContext(session: Session): Pick<RuntimeContext, SessionFields> {
  const baggage = baggageFrom(process.env.BAGGAGE);
  return {
    bus: session.bus,
    eventLoop: session.eventLoop,
    notes: session.notes,
    pluginCalls: session.pluginCalls,
    unprivileged: process.geteuid!() !== 0,
    noFile: inheritedNoFile(process.env),
    traceEnvironment: traceEnvironment(session.recorder.context, baggage),
    stageTraceEnvironment: () => traceEnvironment(session.spans.context, baggage),
    newHookSpan() {
      const spanId = session.recorder.newSpanId();
      return { spanId, environment: traceEnvironment(session.recorder.contextOf(spanId), baggage) };
    },
    hookRuns: [],
    warn: (message) => session.log.warning(message),
    debug: (message) => session.log.debug(message),
    init: undefined,
    channel: undefined,
    attachment: undefined,
  };
}
