import { ATTRIBUTES } from './families.ts';

/** Seconds. Stages take microseconds, or seconds with a hook. */
const BUCKETS = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10];

export interface Options {
  /** Absolute path of the file that node_exporter's textfile collector reads. */
  path: string;
  /** Absolute path of the file that OTLP/JSON lines are appended to. */
  otlp: string | undefined;
  /** Upper bounds of the histograms' buckets: seconds, ascending. */
  buckets: number[];
  /** Labels for every metric. */
  labels: Record<string, string>;
}

/** Reads the options of the configuration file. Throws for invalid ones. */
export function readOptions(given: unknown): Options {
  const { path, otlp, buckets = BUCKETS, labels = {}, ...others } = (given ?? {}) as Options;
  for (const name of Object.keys(others)) fail(name, 'one of path, otlp, buckets, labels');
  if (!isAbsolute(path) || !path.endsWith('.prom')) {
    fail('path', 'an absolute path that ends in .prom: the collector reads no other files');
  }
  if (otlp !== undefined && !isAbsolute(otlp)) fail('otlp', 'an absolute path');
  checkBuckets(buckets);
  checkLabels(labels);
  return { path, otlp, buckets, labels };
}

/** Whether counts made with other options can be added to counts made with these. */
export const isSameLayout = (other: Options, { buckets, labels }: Options): boolean =>
  JSON.stringify([other.buckets, other.labels]) === JSON.stringify([buckets, labels]);

function checkBuckets(buckets: unknown): void {
  const ascending =
    Array.isArray(buckets) &&
    buckets.length > 0 &&
    buckets.every((bound, i) => Number.isFinite(bound) && bound > (buckets[i - 1] ?? 0));
  if (!ascending) fail('buckets', 'a list of ascending numbers of seconds above 0');
}

/**
 * https://prometheus.io/docs/concepts/data_model: names that begin with two underscores are
 * Prometheus's.
 */
function checkLabels(labels: unknown): void {
  if (typeof labels !== 'object' || labels === null || Array.isArray(labels)) {
    fail('labels', 'an object of strings');
  }
  for (const [name, value] of Object.entries(labels as object)) {
    if (!/^(?!__)[a-zA-Z_]\w*$/.test(name))
      fail(`labels.${name}`, 'a name as [a-zA-Z_][a-zA-Z0-9_]*');
    if (OWN_LABELS.includes(name)) fail(`labels.${name}`, `none of ${OWN_LABELS.join(', ')}`);
    if (typeof value !== 'string') fail(`labels.${name}`, 'a string');
  }
}

const OWN_LABELS = [...Object.keys(ATTRIBUTES), 'le'];

const isAbsolute = (path: unknown): boolean => typeof path === 'string' && path.startsWith('/');

function fail(what: string, expected: string): never {
  throw new Error(`${what}: expected ${expected}`);
}
