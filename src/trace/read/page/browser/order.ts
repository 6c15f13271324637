import type { PageSpan } from '../page-types.ts';
import type { Row } from './rows.ts';
import type { TimeAxis } from './time-axis.ts';

/** How the spans stand on the page, and which are shown. */
export interface Order {
  longestFirst: boolean;
  /** Spans with a smaller share of their command are hidden, unless they failed. */
  least: number;
}

/** A span and those inside it. */
interface Node {
  row: Row;
  length: number;
  inner: Node[];
}

/**
 * Puts the rows in order: by time, or the longest first, each with the spans inside it below it.
 * Marks the longest stage of each command. `sections` are the commands, and what stands between
 * them, by time. Returns the rows as they stand on the page.
 */
export function arrange(
  parent: HTMLElement,
  sections: readonly Element[],
  rows: readonly Row[],
  axis: TimeAxis,
  { longestFirst, least }: Order,
): Row[] {
  const lengthOf = ({ start, end }: PageSpan) => axis.at(end) - axis.at(start);
  const byLength = (a: Node, b: Node) => b.length - a.length;
  const sorted = (nodes: Node[]) => (longestFirst ? nodes.toSorted(byLength) : nodes);
  const flat = ({ row, inner }: Node): Row[] => [row, ...sorted(inner).flatMap(flat)];
  const commands = sorted(treeOf(rows, lengthOf));
  for (const command of commands) {
    const stages = command.inner.filter(({ row }) => !row.span.wait).toSorted(byLength);
    for (const { row } of command.inner) markLongest(row, row === stages[0]?.row);
    for (const row of flat(command).slice(1)) {
      const item = row.button.parentElement!;
      item.hidden = !row.span.error && lengthOf(row.span) < least * command.length;
      item.parentElement!.append(item);
    }
  }
  parent.classList.toggle('by-length', longestFirst);
  const inOrder = commands.map(({ row }) => row.button.parentElement!);
  const rest = sections.filter((section) => !inOrder.includes(section as HTMLElement));
  parent.append(...(longestFirst ? [...inOrder, ...rest] : sections));
  return commands.flatMap(flat);
}

/** The commands as trees of their spans. `rows` has each span before those inside it. */
function treeOf(rows: readonly Row[], lengthOf: (span: PageSpan) => number): Node[] {
  const commands: Node[] = [];
  const path: Node[] = [];
  for (const row of rows) {
    const { depth } = row.span;
    const node: Node = { row, length: lengthOf(row.span), inner: [] };
    path.splice(depth, Infinity, node);
    (depth === 0 ? commands : path[depth - 1]!.inner).push(node);
  }
  return commands;
}

function markLongest({ button }: Row, isLongest: boolean): void {
  button.classList.toggle('longest', isLongest);
  const said = button.querySelector('.said-longest')!;
  said.textContent = isLongest ? 'the longest, ' : '';
}
