import type { Environment } from '../../config/environment.ts';
import { programEventLoop } from '../../operations/session/program-event-loop.ts';
import type { SessionOptions } from '../../operations/session/session.ts';
import { requestPlugins } from '../../plugins/load/requested.ts';
import { startExporter } from '../../trace/send/start-exporter.ts';
import type { Publisher } from './events/publisher.ts';
import { shimLog } from './shim-log.ts';
import type { Children } from './task/children.ts';
import type { Call } from './ttrpc/server.ts';

/** Directory of the state of containers, below which each of containerd's namespaces has its own. */
export const DEFAULT_ROOT = '/run/containerd/davit';

/** What all tasks of a shim share. */
export interface ShimContext {
  /** containerd's. */
  readonly namespace: string;
  /** The environment in which containerd started the shim. */
  readonly environment: Environment;
  /** Argv that starts davit. */
  readonly davit: readonly [program: string, ...args: string[]];
  readonly children: Children;
  readonly publisher: Publisher;
}

const CARRIED = ['traceparent', 'tracestate', 'baggage'];

/** The environment of an operation: the trace context of the call comes from containerd. */
export function environmentOf({ environment }: ShimContext, { metadata }: Call): Environment {
  const carried = CARRIED.flatMap((name) => {
    const value = metadata.get(name);
    return value === undefined ? [] : [[name.toUpperCase(), value]];
  });
  return carried.length > 0 ? { ...environment, ...Object.fromEntries(carried) } : environment;
}

/** The session of an operation on the container `id`, whose bundle has the log. */
export function sessionOf(
  { environment, davit }: ShimContext,
  { id, bundle }: { id: string; bundle: string },
): SessionOptions {
  const log = shimLog(bundle, id);
  const plugins = requestPlugins([], { environment, cwd: '/' });
  return {
    eventLoop: programEventLoop,
    log,
    onStored(directory) {
      try {
        startExporter(directory, environment, davit);
      } catch (error) {
        log.warning(`exporter not started: ${(error as Error).message}`);
      }
    },
    ...(plugins && {
      plugins: async () => (await import('../../plugins/load/load.ts')).loadPlugins(plugins),
    }),
  };
}
