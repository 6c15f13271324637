import { STAGE_SIDE } from '../../record/attributes.ts';
import { Axis, isWait } from '../axis.ts';
import type { StoredCommand, StoredTrace } from '../read-traces.ts';
import { labelOf, type SpanNode, spanTree } from '../span-tree.ts';
import { runsByCommand, type Side, sideOf } from './command-times.ts';
import { summarize } from './summary.ts';

/** A span on its command's critical chain. Nanoseconds; the medians of several runs. */
export interface ChainLink {
  stage: string;
  side: Side;
  /** 1 for a stage, more for what is inside one. */
  depth: number;
  /** When it began, from the command's start. */
  at: number;
  /** The time that it added to the command, including the links inside it. */
  adds: number;
  /** In how many runs it is on the chain. */
  runs: number;
}

export interface CriticalChain {
  command: string;
  runs: number;
  /** The command's own time, in nanoseconds. */
  median: number;
  /** In order of time. */
  links: ChainLink[];
}

/**
 * Finds the critical chain of each command of `traces`: at every moment the span that ends last.
 * With several runs, a span counts when it is on the chain in at least half of them.
 */
export function criticalChains(traces: readonly StoredTrace[]): CriticalChain[] {
  return [...runsByCommand(traces)].map(([command, runs]) => ({
    command,
    runs: runs.length,
    median: summarize(runs.map((run) => new Axis(run).total)).median,
    links: combine(runs.map(chainOf)),
  }));
}

interface RunLink extends Omit<ChainLink, 'runs'> {
  /** Unique within its run. The same span has the same path in other runs. */
  path: string;
  /** The path of the span around it; empty for a stage. */
  within: string;
}

function combine(chains: readonly RunLink[][]): ChainLink[] {
  const medians = [...Map.groupBy(chains.flat(), ({ path }) => path).values()]
    .filter((same) => same.length * 2 >= chains.length)
    .map((same) => ({
      ...same[0]!,
      at: summarize(same.map(({ at }) => at)).median,
      adds: summarize(same.map(({ adds }) => adds)).median,
      runs: same.length,
    }));
  const inOrder = (within: string): ChainLink[] =>
    medians
      .filter((link) => link.within === within)
      .sort((a, b) => a.at - b.at)
      .flatMap(({ path, within: _, ...link }) => [link, ...inOrder(path)]);
  return inOrder('');
}

function chainOf(command: StoredCommand): RunLink[] {
  const axis = new Axis(command);
  const links: RunLink[] = [];
  const walk = (nodes: SpanNode[], within: string, depth: number, window: [number, number]) => {
    const [begin, end] = window;
    let until = end;
    const latestFirst = nodes.toSorted((a, b) => axis.at(b.span.end) - axis.at(a.span.end));
    for (const { span, children } of latestFirst) {
      const at = Math.max(axis.at(span.start), begin);
      const to = Math.min(axis.at(span.end), until);
      // The spans already on the chain cover all of this one: it delayed nothing.
      if (at >= to || isWait(span)) continue;
      const stage = labelOf(span);
      const path = unique(`${within}/${stage}`, links);
      const side = sideOf(span.attributes[STAGE_SIDE]);
      links.push({ path, within, stage, side, depth, at, adds: to - at });
      walk(children, path, depth + 1, [at, to]);
      until = at;
    }
  };
  walk(spanTree(command), '', 1, [0, axis.total]);
  return links;
}

function unique(path: string, links: readonly RunLink[]): string {
  return links.some((link) => link.path === path) ? unique(`${path}'`, links) : path;
}
