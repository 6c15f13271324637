import { logStream } from './failure-logs.ts';
import { metricStream } from './metrics/metric-stream.ts';
import type { Signal } from './signals.ts';
import { spanStream } from './span-stream.ts';
import type { Stream, StreamOptions } from './stream.ts';

/** Each throws when the variables name no exporter that the SDK has. */
export const openStream: Record<Signal, (options: StreamOptions) => Stream> = {
  traces: spanStream,
  metrics: metricStream,
  logs: logStream,
};
