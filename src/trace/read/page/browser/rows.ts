import { formatDuration, formatShare } from '../../text/duration.ts';
import type { PageCommand, PageLife, PageSpan } from '../page-types.ts';
import { element } from './dom.ts';
import type { TimeAxis } from './time-axis.ts';
import type { Viewport } from './viewport.ts';

/** A span on the page. */
export interface Row {
  span: PageSpan;
  command: PageCommand;
  button: HTMLButtonElement;
  bar: HTMLElement;
  share: HTMLElement;
}

/** With more commands than this, all but the failed ones start folded. */
const OPEN = 12;

/** Draws the commands of a life into `parent`. Returns their rows in order. */
export function drawCommands(parent: HTMLElement, life: PageLife): Row[] {
  const rows: Row[] = [];
  const sections: HTMLElement[] = [];
  let end = 0;
  for (const [index, command] of life.commands.entries()) {
    const root = command.spans[0]!;
    if (index > 0) sections.push(element('p', 'gap', gapText(root, end)));
    end = Math.max(end, root.end);
    const [row, ...stages] = command.spans.map((span) => drawRow(span, command)) as [Row, ...Row[]];
    rows.push(row, ...stages);
    const list = element('ol', '', ...stages.map(({ button }) => element('li', '', button)));
    const open = life.commands.length <= OPEN || root.error !== undefined;
    const fold = foldButton(list, root, open);
    const section = element('section', '', row.button, fold, list);
    section.ariaLabel = root.name;
    sections.push(section);
  }
  for (const { name, error } of life.orphanCommands) {
    sections.push(element('p', 'gap failure', `later ✗ ${name}: ${error}`));
  }
  parent.replaceChildren(...sections);
  return rows;
}

function gapText({ name, start }: PageSpan, end: number): string {
  const gap = start - end;
  return gap >= 0 ? `${formatDuration(gap)} until ${name}` : `meanwhile ${name}`;
}

function foldButton(list: HTMLElement, { name }: PageSpan, open: boolean): HTMLButtonElement {
  const button = element('button', 'fold');
  button.type = 'button';
  button.ariaLabel = `Stages of ${name}`;
  const set = (open: boolean): void => {
    list.hidden = !open;
    button.textContent = open ? '▾' : '▸';
    button.ariaExpanded = String(open);
  };
  set(open);
  button.addEventListener('click', () => set(Boolean(list.hidden)));
  return button;
}

function drawRow(span: PageSpan, command: PageCommand): Row {
  const bar = element('span', 'bar');
  const share = element('span', 'share');
  const duration = formatDuration(span.end - span.start);
  const name = element('span', 'name', span.name);
  name.style.setProperty('--depth', String(span.depth));
  const service = command.service && span.depth === 0 ? ` (${command.service})` : '';
  const failed = span.error === undefined ? '' : ', failed';
  const waits = span.wait ? ', waits for the program' : '';
  const button = element(
    'button',
    classesOf(span),
    element('span', 'label', name, service),
    element('span', 'said', `, ${span.side}${waits}${failed}, `),
    element('span', 'said said-longest'),
    element('span', 'track', bar),
    element('span', 'duration', duration),
    share,
  );
  button.type = 'button';
  button.tabIndex = -1;
  button.title = `${span.name}: ${duration}`;
  return { span, command, button, bar, share };
}

function classesOf({ side, foreign, wait, error, depth }: PageSpan): string {
  const classes = [
    ...['row', side],
    ...(foreign ? ['foreign'] : []),
    ...(wait ? ['wait'] : []),
    ...(error === undefined ? [] : ['failed']),
    ...(depth === 0 ? ['command'] : []),
  ];
  return classes.join(' ');
}

/** Places the bars in the visible part of the axis. */
export function placeBars(rows: readonly Row[], axis: TimeAxis, viewport: Viewport): void {
  for (const { span, bar } of rows) {
    const from = viewport.place(axis.at(span.start));
    const to = viewport.place(axis.at(span.end));
    bar.hidden = to < 0 || from > 1;
    // Cut bars just outside the page: very long ones are slow to draw.
    const left = Math.max(from, -0.01);
    bar.style.left = `${left * 100}%`;
    bar.style.width = `${(Math.min(to, 1.01) - left) * 100}%`;
  }
}

/** Writes each span's share of its command. */
export function writeShares(rows: readonly Row[], axis: TimeAxis): void {
  for (const row of rows) row.share.textContent = shareOf(row, axis) ?? '';
}

/** A span's share of its command's time without waits. Undefined for the command and for waits. */
export function shareOf({ span, command }: Row, axis: TimeAxis): string | undefined {
  const root = command.spans[0]!;
  if (span === root || span.wait) return undefined;
  const length = ({ start, end }: PageSpan) => axis.at(end) - axis.at(start);
  return formatShare(length(span) / Math.max(length(root), 1));
}
