import type { ChainLink, CriticalChain } from '../analysis/critical-chain.ts';
import type { Canvas } from '../text/canvas.ts';
import { formatDuration, formatShare } from '../text/duration.ts';
import { printable } from '../text/paint.ts';
import { type Cell, drawTable } from '../text/table.ts';
import { counted } from './draw-blame.ts';

/** Stages below this part of their command are summed up in one line. */
const LEAST_SHARE = 0.01;

const COLUMNS = [
  { title: 'BEGAN', right: true },
  { title: 'ADDED', right: true },
  { title: 'SHARE', right: true },
  { title: 'STAGE' },
];

/** Each command's chain in order of time: when a stage began, and the time that it added. */
export function drawCriticalChains(chains: readonly CriticalChain[], canvas: Canvas): string {
  return chains.map((chain) => drawChain(chain, canvas)).join('\n\n');
}

function drawChain({ command, runs, median, links }: CriticalChain, canvas: Canvas): string {
  const { glyphs, paint } = canvas;
  const of = runs > 1 ? `, median of ${runs} runs` : '';
  const time = formatDuration(median).replace('µ', glyphs.micro);
  const title = paint(`${printable(command)} ${time}`, 'title') + paint(of, 'quiet');
  const stages = links.filter(({ depth }) => depth === 1);
  const between = Math.max(median - sumOf(stages), 0);
  const most = Math.max(between, ...stages.map(({ adds }) => adds));
  const mark = (adds: number): string => (adds === most ? ` ${glyphs.critical}` : '');
  const rows = folded(links, median).map((item) =>
    Array.isArray(item)
      ? sumRow(item, median, canvas)
      : linkRow(item, item.depth === 1 ? mark(item.adds) : '', median),
  );
  rows.push(quietRow('', between, `between stages${mark(between)}`, median));
  return [title, ...drawTable(COLUMNS, rows, canvas)].join('\n');
}

function linkRow(link: ChainLink, mark: string, median: number): Cell[] {
  const { stage, side, depth, at, adds } = link;
  return [
    { text: `@${formatDuration(at)}` },
    { text: `+${formatDuration(adds)}` },
    { text: formatShare(adds / median) },
    { text: '  '.repeat(depth - 1) + stage + mark, tones: mark ? [side, 'critical'] : [side] },
  ];
}

function sumRow(links: ChainLink[], median: number, { glyphs }: Canvas): Cell[] {
  const at = `@${formatDuration(links[0]!.at)}`;
  const [only] = links;
  const name =
    links.length === 1 ? only!.stage : `${glyphs.ellipsis} ${counted(links.length, 'stage')}`;
  return quietRow(at, sumOf(links), name, median);
}

function quietRow(at: string, adds: number, name: string, median: number): Cell[] {
  const texts = [at, `+${formatDuration(adds)}`, formatShare(adds / median), name];
  return texts.map((text) => ({ text, tones: ['quiet'] }));
}

const sumOf = (links: readonly ChainLink[]): number =>
  links.reduce((sum, { adds }) => sum + adds, 0);

/** Neighbouring stages below LEAST_SHARE become one item. Such spans inside stages are left out. */
function folded(links: readonly ChainLink[], median: number): (ChainLink | ChainLink[])[] {
  const items: (ChainLink | ChainLink[])[] = [];
  for (const link of links) {
    const last = items.at(-1);
    if (link.adds >= median * LEAST_SHARE) items.push(link);
    else if (link.depth > 1) continue;
    else if (Array.isArray(last)) last.push(link);
    else items.push([link]);
  }
  return items;
}
