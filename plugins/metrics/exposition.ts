import { FAMILIES, type FamilyName } from './families.ts';
import { isSameLayout, type Options } from './options.ts';
import { entries, type Histogram, Totals } from './totals.ts';

/**
 * Begins the last line, which is a comment to Prometheus. It holds all counts as JSON, for davit to
 * add to.
 */
const KEPT = '# davit: ';

/** https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format */
export function writeExposition(totals: Totals, { labels }: Pick<Options, 'labels'>): string {
  const constant = Object.entries(labels).map(([name, value]) => `${name}="${escapeValue(value)}"`);
  const sample = (name: string, own: string[], value: number) =>
    `${name}{${[...own, ...constant].filter(Boolean).join(',')}} ${value}\n`;
  const blocks: string[] = [];
  for (const [family, series] of entries(totals.counters)) {
    const samples = Object.entries(series).map(([own, count]) => sample(family, [own], count));
    blocks.push(header(family), ...samples);
  }
  for (const [family, series] of entries(totals.histograms)) {
    const samples = Object.entries(series).flatMap(([own, histogram]) => [
      ...cumulative(histogram, totals.buckets).map(([bound, count]) =>
        sample(`${family}_bucket`, [own, `le="${bound}"`], count),
      ),
      sample(`${family}_sum`, [own], histogram.sum),
      sample(`${family}_count`, [own], total(histogram)),
    ]);
    blocks.push(header(family), ...samples);
  }
  blocks.push(
    '# HELP davit_metrics_start_time_seconds When davit began to count: seconds since the epoch.\n',
    '# TYPE davit_metrics_start_time_seconds gauge\n',
    sample('davit_metrics_start_time_seconds', [], totals.since / 1000),
    `${KEPT}${JSON.stringify({ labels, ...totals })}\n`,
  );
  return blocks.join('');
}

/** The counts in a file. Undefined if they have other buckets or labels. */
export function readExposition(text: string, options: Options): Totals | undefined {
  const at = text.lastIndexOf(`\n${KEPT}`);
  if (at < 0) throw new Error('was not written by this plugin: it is not overwritten');
  const kept = JSON.parse(text.slice(at + 1 + KEPT.length));
  if (!isSameLayout(kept, options)) return undefined;
  const totals = new Totals(options.buckets, kept.since);
  totals.merge(kept);
  totals.merged.push(...kept.merged);
  return totals;
}

export const total = ({ counts }: Histogram): number => counts.reduce((sum, n) => sum + n, 0);

function cumulative({ counts }: Histogram, buckets: readonly number[]): [string, number][] {
  let below = 0;
  return counts.map((count, i) => {
    below += count;
    return [String(buckets[i] ?? '+Inf'), below];
  });
}

const header = (family: FamilyName): string =>
  `# HELP ${family} ${FAMILIES[family].help}\n# TYPE ${family} ${FAMILIES[family].type}\n`;

const escapeValue = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
