import { type Measure, type Report, ratio } from './report.ts';

/**
 * What `--check` refuses: the CPU time of a command by the server, as a part of crun's. A limit is
 * a quarter above what was measured, which the machine's noise does not reach.
 */
const LIMITS: Record<string, number> = {
  'run /bin/true': 2.4,
  create: 2.4,
  start: 1.2,
  delete: 0.85,
  'create + start + delete': 1.7,
  'exec /bin/true': 1.9,
  state: 0.55,
  kill: 0.75,
};

const MEASURE: Measure = 'cpu';
/** Bytes of the server at the end, and for each container. */
const MEMORY = { total: 70e6, forEach: 100 * 1024 };

/** One line for each figure beyond its limit. */
export function beyondLimits({ rows, server }: Report): string[] {
  const slow = Object.entries(LIMITS).flatMap(([name, limit]) => {
    const found = rows.find((row) => row.name === name);
    const part = found && ratio(found, MEASURE, ['served', 'crun']);
    if (part === undefined) return [`${name} was not measured`];
    return part > limit ? [`${name}: ${part.toFixed(2)} × crun, the limit is ${limit}`] : [];
  });
  const large = (['total', 'forEach'] as const)
    .filter((kind) => server[kind] > MEMORY[kind])
    .map((kind) => `memory ${kind}: ${server[kind]} bytes, the limit is ${MEMORY[kind]}`);
  return [...slow, ...large];
}
