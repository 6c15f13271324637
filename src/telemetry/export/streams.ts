import type { StoredCommand } from '../read-traces.ts';
import type { AgentFactory } from './connections.ts';
import { type Delivery, deliver } from './deliver.ts';
import type { Destination } from './destination.ts';
import { logExporters, metricExporters, traceExporters } from './exporters.ts';
import { failureLogs } from './failure-logs.ts';
import { metricData } from './metric-data.ts';
import { rebuildSpans } from './rebuild-spans.ts';
import type { Resources } from './resources.ts';
import type { Signal } from './signals.ts';
import { count, type Totals } from './totals.ts';

/** One request, which may be sent again and again. */
export interface Request {
  /** How many spans, data points or log records are in it; without any it is not sent. */
  items: number;
  /** Of metrics: what counts as counted once the request is done with. */
  totals?: Totals;
  send(): Promise<Delivery>;
}

/** Makes requests of stored commands. */
export type Stream = (commands: readonly StoredCommand[], totals: Totals | undefined) => Request;

export const openStream: Record<
  Signal,
  (destination: Destination, resources: Resources, agent: AgentFactory) => Promise<Stream>
> = {
  async traces({ protocol }, resources, agent) {
    const exporter = await traceExporters[protocol](agent);
    return (commands) => {
      const spans = rebuildSpans(commands, resources);
      return { items: spans.length, send: () => deliver(exporter, spans) };
    };
  },

  async metrics({ protocol }, resources, agent) {
    const exporter = await metricExporters[protocol](agent);
    return (commands, before = { since: earliest(commands), series: [] }) => {
      const now = Date.now();
      const totals = { ...count(before, commands), until: now };
      const data = metricData(totals, {
        resource: resources.own(),
        temporality: (instrument) => exporter.selectAggregationTemporality(instrument),
        latest: count({ since: before.until ?? before.since, series: [] }, commands),
        now,
      });
      const points = data.scopeMetrics.flatMap(({ metrics }) =>
        metrics.flatMap(({ dataPoints }): unknown[] => dataPoints),
      );
      return { items: points.length, totals, send: () => deliver(exporter, data) };
    };
  },

  async logs({ protocol }, resources, agent) {
    const exporter = await logExporters[protocol](agent);
    return (commands) => {
      const records = failureLogs(commands, resources);
      return { items: records.length, send: () => deliver(exporter, records) };
    };
  },
};

/** When the first of them began, in milliseconds since the epoch. */
const earliest = (commands: readonly StoredCommand[]): number =>
  Math.min(...commands.map(({ root }) => Number(root.start / 1_000_000n)));
