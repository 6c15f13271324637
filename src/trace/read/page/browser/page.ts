import { formatDuration } from '../../text/duration.ts';
import type { PageData, PageLife } from '../page-types.ts';
import { drawDetails } from './details.ts';
import { byId, element } from './dom.ts';
import { listenToKeys } from './keys.ts';
import { arrange } from './order.ts';
import { listenToPointer } from './pointer.ts';
import { drawCommands, placeBars, type Row, writeShares } from './rows.ts';
import { drawRuler } from './ruler.ts';
import { TimeAxis } from './time-axis.ts';
import { Viewport } from './viewport.ts';

/*
 * The page of `davit trace --html`: the traces are in the element `traces`, as JSON.
 */

const { lives } = JSON.parse(byId('traces').textContent) as PageData;
const commands = byId('commands');
const rulerTrack = document.querySelector<HTMLElement>('#ruler .track')!;
const toScale = byId<HTMLInputElement>('scale');
const panel = byId('details');
const order = byId<HTMLSelectElement>('order');
const least = byId<HTMLSelectElement>('least');

let life: PageLife;
let axis: TimeAxis;
let rows: Row[] = [];
/** The commands and what stands between them, by time. */
let sections: Element[] = [];
/** All rows, by time. */
let byTime: Row[] = [];
let selected: Row | undefined;

const viewport = new Viewport(() => {
  drawRuler(rulerTrack, viewport);
  placeBars(rows, axis, viewport);
});

function showLife(index: number): void {
  life = lives[index]!;
  document.title = `${life.containerId} · davit trace`;
  byId('title').textContent = life.containerId;
  selected = undefined;
  byTime = drawCommands(commands, life);
  rows = byTime;
  sections = [...commands.children];
  rows[0]?.button.setAttribute('tabindex', '0');
  for (const row of rows) row.button.addEventListener('click', () => select(row));
  for (const row of rows) row.button.addEventListener('dblclick', () => zoomTo(row));
  const longest = Math.max(...rows.map(({ span }) => span.name.length + 2 * span.depth));
  document.body.style.setProperty('--names', `${0.9 * longest + 2}ch`);
  close();
  showAxis();
}

function showAxis(): void {
  axis = new TimeAxis(life, toScale.checked);
  const own = formatDuration(axis.total);
  const time = toScale.checked ? own : `${own} without waits`;
  const start = life.start.replace('T', ' ');
  byId('summary').textContent = [`trace ${life.traceId}`, start, time].join(' · ');
  writeShares(rows, axis);
  sortRows();
  viewport.fit(axis.total);
}

function sortRows(): void {
  const longestFirst = order.value === 'length';
  rows = arrange(commands, sections, byTime, axis, { longestFirst, least: Number(least.value) });
}

function select(row: Row): void {
  for (const { button } of rows) button.tabIndex = -1;
  selected?.button.removeAttribute('aria-current');
  selected = row;
  row.button.tabIndex = 0;
  row.button.setAttribute('aria-current', 'true');
  row.button.focus();
  drawDetails(panel, row, axis, close);
}

function close(): void {
  panel.hidden = true;
  panel.replaceChildren();
  selected?.button.removeAttribute('aria-current');
  selected?.button.focus();
  selected = undefined;
}

function zoomTo({ span }: Row): void {
  const [from, to] = [axis.at(span.start), axis.at(span.end)];
  const margin = (to - from) * 0.05;
  viewport.show(from - margin, to + margin);
}

function offerLives(): void {
  const choice = byId<HTMLSelectElement>('lives');
  const text = ({ containerId, start }: PageLife) => `${containerId} · ${start.replace('T', ' ')}`;
  choice.append(...lives.map((life) => element('option', '', text(life))));
  choice.addEventListener('change', () => showLife(choice.selectedIndex));
  byId('choice').hidden = lives.length < 2;
}

offerLives();
// A phone shows a few rows at once: begin with what took longest.
if (matchMedia('(max-width: 40rem)').matches) order.value = 'length';
showLife(0);
order.addEventListener('change', sortRows);
least.addEventListener('change', sortRows);
toScale.addEventListener('change', showAxis);
byId('zoom-in').addEventListener('click', () => viewport.zoom(0.5));
byId('zoom-out').addEventListener('click', () => viewport.zoom(2));
byId('fit').addEventListener('click', () => viewport.fit());
new ResizeObserver(() => drawRuler(rulerTrack, viewport)).observe(rulerTrack);
listenToPointer(commands, viewport, rulerTrack);
listenToKeys({ viewport, rows: () => rows, select, zoomTo, close });
