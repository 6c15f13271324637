import { LifecycleBus } from '../../bus/bus.ts';
import { subscribeHooks } from '../../hooks/subscribe-hooks.ts';
import type { CommandName } from '../../lifecycle/stages.ts';
import type { CommandPlugins } from '../../plugins/subscribe-loaded-plugins.ts';
import type { ContainerRecord } from '../../state/record.ts';
import { findRecord } from '../../state/store.ts';
import { monotonicNs } from '../../syscalls/time/monotonic.ts';
import { CommandSpans } from '../../trace/record/command-spans.ts';
import { activeSpan, programsTracer } from '../../trace/record/program.ts';
import { samplerFrom } from '../../trace/record/sampler.ts';
import { traceContextFrom } from '../../trace/record/trace-context.ts';
import { version } from '../../version.ts';
import { logStages } from './log-stages.ts';
import { SILENT } from './operation-log.ts';
import {
  makesContainer,
  type Session,
  type SessionOptions,
  type SessionRequest,
} from './session.ts';

/** Begins the trace of a command about a container, and subscribes all listeners to its bus. */
export async function openSession(command: string, request: SessionRequest): Promise<Session> {
  const { id, environment, session: options = {} } = request;
  const now = monotonicNs();
  const { call, log = SILENT } = options;
  const { start = now, args, restart, restarted } = call ?? {};
  const record = makesContainer(command) ? undefined : recordOf(request);
  const spans = new CommandSpans({
    command,
    id,
    start,
    args,
    caller: activeSpan() ?? traceContextFrom(environment),
    container: record,
    sampler: samplerFrom(environment),
    program: programsTracer(version),
  });
  // Includes loading koffi, which every command needs.
  if (start < now) spans.record('loadRuntime', { start, end: monotonicNs() });
  const bus = new LifecycleBus(options.bus, (failure) => log.warning(failure));
  spans.subscribe(bus);
  if (log.debugging) logStages(bus, log);
  subscribeHooks(bus, {
    progress: options.startProgress,
    // `run` shares the terminal with the program, whose last line may still be there.
    progressAfterProgram: makesContainer(command) ? undefined : options.startProgress,
  });
  const pluginCalls: Session['pluginCalls'] = [];
  const { eventLoop, initParent } = options;
  const opened = {
    spans,
    log,
    startProgress: options.startProgress,
    bus,
    eventLoop,
    initParent,
    record,
    pluginCalls,
    restart: restart && { argv: restart, environment },
    restarted,
    environment,
    waitedNanos: 0n,
    onStored: options.onStored,
    ended: false,
  };
  const { notes, finish } = (await loadPlugins(command, id, options, opened)) ?? {};
  return { ...opened, notes, finishListeners: finish };
}

/** The container's record. If it cannot be read, the command's own stages report that. */
function recordOf({ root, id, record }: SessionRequest): ContainerRecord | undefined {
  try {
    return record ?? findRecord(root, id);
  } catch {
    return undefined;
  }
}

/** Plugins and the code for them are loaded only here. */
async function loadPlugins(
  command: string,
  id: string,
  { plugins: load }: SessionOptions,
  { bus, log, pluginCalls: calls, restart, restarted, spans }: Opened,
): Promise<CommandPlugins | undefined> {
  if (!load || restarted?.because === 'hungPlugin') return undefined;
  const start = monotonicNs();
  const { subscribeLoadedPlugins } = await import('../../plugins/subscribe-loaded-plugins.ts');
  const session = {
    id,
    command: command as CommandName,
    start: spans.options.start,
    notes: {},
    calls,
    warn: (message: string) => log.warning(message),
  };
  const commandPlugins = await subscribeLoadedPlugins(load, session, { bus, spans, restart });
  spans.record('loadPlugins', { start, end: monotonicNs() });
  return commandPlugins;
}

type Opened = Omit<Session, 'notes' | 'finishListeners'>;
