import { CTR_RUN } from './containerd.ts';
import { type Measure, type Report, ratio } from './report.ts';
import { WARM } from './warm.ts';

/**
 * What `--check` refuses: the CPU time of a command by the server, by davit's shim or by the API, as a
 * part of another runtime's. A limit is a quarter above what was measured, which the machine's noise
 * does not reach.
 */
const LIMITS: Record<'runc' | 'crun', Record<string, number>> = {
  crun: {
    'run /bin/true': 1.9,
    create: 2,
    start: 0.9,
    delete: 0.6,
    'create + start + delete': 1.3,
    'exec /bin/true': 1.55,
    state: 0.36,
    kill: 0.5,
    [WARM.process]: 2.1,
    [WARM.server]: 3.3,
    // The containers of a pool are made cold.
    [WARM.pool]: 17,
  },
  runc: { [CTR_RUN]: 0.95 },
};

const MEASURE: Measure = 'cpu';
/** Bytes at the end, and for each container. */
const MEMORY = {
  server: { total: 70e6, forEach: 100 * 1024 },
  shim: { total: 95e6, forEach: 130 * 1024 },
};

/** One line for each figure beyond its limit. */
export function beyondLimits(report: Report): string[] {
  const slow = Object.entries(LIMITS).flatMap(([other, limits]) =>
    Object.entries(limits).flatMap(([name, limit]) => {
      const found = report.rows.find((row) => row.name === name);
      const part = found && ratio(found, MEASURE, ['served', other]);
      if (part === undefined) return [`${name} was not measured`];
      return part > limit ? [`${name}: ${part.toFixed(2)} × ${other}, the limit is ${limit}`] : [];
    }),
  );
  const large = (['server', 'shim'] as const).flatMap((process) =>
    (['total', 'forEach'] as const)
      .filter((kind) => report[process][kind] > MEMORY[process][kind])
      .map((kind) => {
        const limit = MEMORY[process][kind];
        return `memory of the ${process}, ${kind}: ${report[process][kind]} bytes, the limit is ${limit}`;
      }),
  );
  return [...slow, ...large];
}
