import type { ListedTrace } from '../analysis/list.ts';
import type { Canvas } from '../text/canvas.ts';
import { formatDuration } from '../text/duration.ts';
import { type Cell, drawTable } from '../text/table.ts';

const COLUMNS = [
  { title: 'BEGAN' },
  { title: 'CONTAINER' },
  { title: 'TRACE' },
  { title: 'TIME', right: true },
  { title: 'LONGEST STAGE' },
  { title: 'COMMANDS' },
];

/** A line for each life: its start, container, trace, time, longest stage and commands. */
export function drawList(traces: readonly ListedTrace[], canvas: Canvas): string {
  const rows = traces.map((trace): Cell[] => {
    const { containerId, traceId, start, duration, commands, longest } = trace;
    const failed = commands.some(({ error }) => error !== undefined);
    return [
      { text: start.replace('T', ' '), tones: ['quiet'] },
      { text: containerId, tones: [failed ? 'failed' : 'title'] },
      { text: traceId.slice(0, 8) },
      { text: formatDuration(duration) },
      { text: longest ? `${longest.stage} ${formatDuration(longest.duration)}` : '' },
      { text: namesOf(commands, canvas), tones: failed ? ['failed'] : [] },
    ];
  });
  return drawTable(COLUMNS, rows, canvas).join('\n');
}

/** `create, start, exec (3), kill ✗`. */
function namesOf(commands: ListedTrace['commands'], { glyphs }: Canvas): string {
  const names: { name: string; count: number }[] = [];
  for (const command of commands) {
    const failed = command.error === undefined ? '' : ` ${glyphs.failed}`;
    const name = command.name.replace(/^davit /, '') + failed;
    const last = names.at(-1);
    if (last?.name === name) last.count++;
    else names.push({ name, count: 1 });
  }
  return names.map(({ name, count }) => (count === 1 ? name : `${name} (${count})`)).join(', ');
}
