import type { CommandContext, ContainerContext } from '../../context/context.ts';
import { ThisProcess } from '../../init/parent/this-process.ts';
import type { ContainerRequest } from '../../state/container.ts';
import { baggageFrom } from '../../trace/record/baggage.ts';
import { traceEnvironment } from '../../trace/record/trace-context.ts';
import { recallNotes } from './plugin-notes.ts';
import type { Session } from './session.ts';

/** The fields that are the same in every command's context: the bus, the log and the trace. */
export function commandContext(session: Session): CommandContext {
  const { bus, log, notes, pluginCalls, record, spans, environment, eventLoop, startProgress } =
    session;
  const { id, start } = spans.options;
  const mayBeStale = notes !== undefined || bus.hasInterceptors('readState:before');
  const baggage = baggageFrom(environment.BAGGAGE);
  return {
    id,
    bus,
    begin: start,
    notes,
    pluginCalls,
    startProgress,
    hookRuns: [],
    mountRuns: [],
    callerEnvironment: environment,
    eventLoop,
    recordAtStart: mayBeStale ? undefined : record,
    initParent: session.initParent ?? new ThisProcess(environment),
    stageTraceEnvironment: () =>
      traceEnvironment((spans.running ?? spans.root).spanContext(), baggage),
    startHookSpan(name, inInit) {
      const context = spans.startHook(name, inInit);
      return { spanId: context.spanId, environment: traceEnvironment(context, baggage) };
    },
    remember: (record) => recallNotes(session, record),
    describe: (annotations) => spans.describeContainer(annotations),
    warn: (message) => log.warning(message),
    debug: (message) => log.debug(message),
  };
}

/** The context of a command about an existing container. */
export const containerContext = (
  session: Session,
  { root }: ContainerRequest,
): ContainerContext => ({ ...commandContext(session), root });
