import { subscribeHooks } from '../../hooks/subscribe-hooks.ts';
import { restartedFrom } from '../../init/restart.ts';
import { LifecycleBus } from '../../lifecycle/bus.ts';
import type { CommandName } from '../../plugins/api.ts';
import type { Plugged } from '../../plugins/plug-in.ts';
import { Recorder } from '../../trace/record/recorder.ts';
import { samplerFrom } from '../../trace/record/sampler.ts';
import { StageSpans } from '../../trace/record/stage-spans.ts';
import { traceContextFrom } from '../../trace/record/trace-context.ts';
import { version } from '../../version.ts';
import { logStages } from './log-stages.ts';
import { SILENT } from './operation-log.ts';
import type { Session, SessionOptions } from './session.ts';

/** Begins the trace of a command about container `id`, and has everybody subscribe to its bus. */
export async function openSession(
  command: string,
  id: string,
  options: SessionOptions = {},
): Promise<Session> {
  const now = process.hrtime.bigint();
  const { invocation, log = SILENT } = options;
  const { start = now, args, restart } = invocation ?? {};
  const otel = await options.openTelemetry?.();
  const caller = otel?.activeSpan() ?? traceContextFrom(process.env);
  const sampler = samplerFrom(process.env);
  const recorder = new Recorder({
    ...{ command, start, caller, args, sampler, version },
    begin: otel?.bridge,
  });
  if (start < now) recorder.span('loadRuntime', { start, end: now });
  recorder.setContainer(id);
  const bus = new LifecycleBus(options.bus, (failure) => log.warning(failure));
  const spans = new StageSpans(recorder);
  spans.subscribe(bus);
  if (log.debugging) logStages(bus, log);
  subscribeHooks(bus);
  const pluginCalls: Session['pluginCalls'] = [];
  const restarted = restartedFrom(process.env);
  const { eventLoop } = options;
  const opened = {
    recorder,
    spans,
    log,
    bus,
    eventLoop,
    pluginCalls,
    restart,
    restarted,
    waited: 0n,
    onStored: options.onStored,
    ended: false,
  };
  const { notes, finish } = (await plugIn(command, id, options, opened)) ?? {};
  return { ...opened, notes, finishListeners: finish };
}

/** What plugins do, and load, is only loaded here. */
async function plugIn(
  command: string,
  id: string,
  { plugins: load }: SessionOptions,
  { bus, log, pluginCalls: calls, recorder, restart, restarted, spans }: Opened,
): Promise<Plugged | undefined> {
  if (!load || restarted?.because === 'hungPlugin') return undefined;
  const start = process.hrtime.bigint();
  const { plugIn } = await import('../../plugins/plug-in.ts');
  const session = {
    ...{ id, command: command as CommandName, start: recorder.options.start, notes: {}, calls },
    warn: (message: string) => log.warning(message),
  };
  const plugged = await plugIn(load, session, { bus, spans, restart });
  const end = process.hrtime.bigint();
  recorder.span('loadPlugins', { start, end });
  return plugged;
}

type Opened = Omit<Session, 'notes' | 'finishListeners'>;
