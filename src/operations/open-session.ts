import { BusObserver } from '../lifecycle/bus-observer.ts';
import type { Observer } from '../lifecycle/observer.ts';
import type { CommandName } from '../plugins/api.ts';
import type { Plugged, PluggedOccasion } from '../plugins/plug-in.ts';
import type { PluginLoader } from '../plugins/requested.ts';
import { restartedFrom } from '../process/restart.ts';
import { Recorder } from '../telemetry/recorder.ts';
import { samplerFrom } from '../telemetry/sampler.ts';
import { StageSpans } from '../telemetry/stage-spans.ts';
import { traceContextFrom } from '../telemetry/trace-context.ts';
import { version } from '../version.ts';
import { logStages, SILENT } from './operation-log.ts';
import type { Session, SessionOptions } from './session.ts';

/** Begins the trace of a command about container `id`, and has plugins take part in it. */
export async function openSession(
  command: string,
  id: string,
  options: SessionOptions = {},
): Promise<Session> {
  const now = process.hrtime.bigint();
  const { invocation, interceptors = new Map(), log = SILENT } = options;
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
  const spans = new StageSpans(recorder);
  const occasion = {
    id,
    command: command as CommandName,
    start,
    bus: options.bus,
    log,
    spans,
    restart,
  };
  const load = options.plugins;
  const restarted = restartedFrom(process.env);
  const hung = restarted?.because === 'hungPlugin';
  const plugged = load && !hung ? await plugIn(load, occasion, recorder) : undefined;
  const bus = plugged?.bus ?? options.bus;
  const observers: Observer[] = [spans];
  if (bus) observers.push(new BusObserver(bus, id));
  if (log.debugging) observers.push(logStages(log));
  const watch = { observers, interceptors };
  const watched = {
    announce: options.bus !== undefined || log.debugging || (plugged?.announce ?? false),
    intercept: new Set([...interceptors.keys(), ...(plugged?.intercept ?? [])]),
    interceptAfter: new Set(plugged?.interceptAfter),
  };
  const { extensions, listening } = plugged ?? {};
  const plugs = { bus, extensions, listening, watch, watched };
  return { recorder, spans, log, ...plugs, restart, restarted, waited: 0n };
}

/** What plugins do, and load, is only loaded here. */
async function plugIn(
  load: PluginLoader,
  occasion: PluggedOccasion,
  recorder: Recorder,
): Promise<Plugged | undefined> {
  const start = process.hrtime.bigint();
  const { plugIn } = await import('../plugins/plug-in.ts');
  const plugged = await plugIn(load, occasion);
  const end = process.hrtime.bigint();
  recorder.span('loadPlugins', { start, end });
  return plugged;
}
