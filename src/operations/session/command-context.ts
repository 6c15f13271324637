import type { CommandContext, ContainerContext } from '../../lifecycle/context.ts';
import type { ContainerRequest } from '../../state/container.ts';
import type { ContainerRecord } from '../../state/record.ts';
import { baggageFrom } from '../../trace/record/baggage.ts';
import { traceEnvironment } from '../../trace/record/trace-context.ts';
import { recallNotes } from './plugin-notes.ts';
import type { Session } from './session.ts';

/** What is the same in every command's context: who is told and asked, and the trace. */
export function commandContext(session: Session): CommandContext {
  const { bus, log, notes, pluginCalls, recorder, spans } = session;
  const id = recorder.containerId!;
  const baggage = baggageFrom(process.env.BAGGAGE);
  return {
    ...{ id, bus, notes, pluginCalls, hookRuns: [] },
    stageTraceEnvironment: () => traceEnvironment(spans.context, baggage),
    newHookSpan() {
      const spanId = recorder.newSpanId();
      return { spanId, environment: traceEnvironment(recorder.contextOf(spanId), baggage) };
    },
    remember: (record) => rememberContainer(session, record),
    warn: (message) => log.warning(message),
    debug: (message) => log.debug(message),
  };
}

/** Tells the trace and the plugins what earlier commands have kept of the container. */
export function rememberContainer(session: Session, record: ContainerRecord): void {
  const { recorder } = session;
  recorder.setContainer(recorder.containerId!, record);
  recallNotes(session, record);
}

/** What is the same in every command about a container that exists, before readState has read what is kept of it. */
export const containerContext = (session: Session, { root }: ContainerRequest): ContainerContext =>
  ({ ...commandContext(session), root }) as ContainerContext;
