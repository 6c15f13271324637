import { STAGE_CONFIG_PATH, STAGE_SIDE } from '../attributes.ts';
import { Axis, isWait } from '../axis.ts';
import type { StoredCommand } from '../read-traces.ts';
import type { Span } from '../span.ts';
import { labelOf } from '../span-tree.ts';
import type { Canvas } from '../text/canvas.ts';
import { formatDuration, formatShare } from '../text/duration.ts';
import { fit } from '../text/fit.ts';
import type { Glyphs } from '../text/glyphs.ts';
import { printable, type Tone } from '../text/paint.ts';
import { drawBar, drawRuler } from './bar.ts';
import type { Columns } from './columns.ts';
import { type Row, treeRows } from './tree.ts';

/** A canvas divided into columns. */
export interface Sheet extends Canvas {
  columns: Columns;
}

/** The lines of one command: its ruler, a line for each span, and what the stages cover. */
export function drawCommand(command: StoredCommand, canvas: Sheet): string[] {
  const { root } = command;
  const axis = new Axis(command);
  const rows = treeRows(command, canvas.glyphs);
  const stages = rows.filter(({ depth }) => depth === 1).map(({ span }) => span);
  const critical = longestStage(stages, axis);
  const lines = [drawRoot(root, axis, canvas)];
  for (const row of rows) {
    lines.push(drawRow(row, axis, row.span === critical, canvas));
    lines.push(...drawFailure(row.span, row.trunk, rows, canvas));
  }
  lines.push(...drawFailure(root, '', rows, canvas));
  if (stages.length > 0) lines.push(drawSummary(root, stages, critical, axis, canvas));
  return lines;
}

function longestStage(stages: readonly Span[], axis: Axis): Span | undefined {
  return stages
    .filter((span) => !isWait(span))
    .reduce<Span | undefined>(
      (longest, span) =>
        longest === undefined || axis.length(span) > axis.length(longest) ? span : longest,
      undefined,
    );
}

function drawRoot(root: Span, axis: Axis, { columns, glyphs, paint }: Sheet): string {
  const failed = root.error !== undefined;
  return joinLine([
    paint(fit(printable(root.name), columns.name, glyphs), 'title', ...tones(failed, 'failed')),
    columns.side > 0 ? ' '.repeat(columns.side) : undefined,
    paint(drawRuler(axis.total, columns.bar, glyphs), 'quiet'),
    paint(duration(axis.total, columns, glyphs), 'title'),
    ' '.repeat(columns.share),
    failed ? paint(glyphs.failed, 'failed') : '',
  ]);
}

function drawRow(row: Row, axis: Axis, critical: boolean, canvas: Sheet): string {
  const { columns, glyphs, paint } = canvas;
  const { span, branch } = row;
  const failed = span.error !== undefined;
  const side = span.attributes[STAGE_SIDE] === 'container' ? 'container' : 'runtime';
  const emphasis = [...tones(critical, 'critical'), ...tones(failed, 'failed')];
  const wait = isWait(span);
  const length = axis.length(span);
  const bar = drawBar(
    axis.at(span.start) / axis.total,
    axis.at(span.end) / axis.total,
    columns.bar,
    glyphs,
  );
  const name = fit(printable(labelOf(span)), Math.max(columns.name - branch.length, 1), glyphs);
  return joinLine([
    paint(branch, 'quiet') + paint(name, ...emphasis),
    columns.side > 0 ? paint(side.slice(0, columns.side).padEnd(columns.side), side) : undefined,
    wait
      ? paint(fit(`${glyphs.ellipsis} not counted`, columns.bar, glyphs), 'quiet')
      : paint(bar, failed ? 'failed' : side),
    paint(
      duration(wait ? Number(span.end - span.start) : length, columns, glyphs),
      ...(wait ? (['quiet'] as const) : emphasis),
    ),
    (wait ? '' : formatShare(length / axis.total)).padStart(columns.share),
    mark(failed, critical, canvas),
  ]);
}

function mark(failed: boolean, critical: boolean, { glyphs, paint }: Sheet): string {
  if (failed) return paint(glyphs.failed, 'failed');
  return critical ? paint(glyphs.critical, 'critical') : '';
}

/** Why `span` failed, where none of the spans below it says so already. */
function drawFailure(span: Span, trunk: string, rows: readonly Row[], canvas: Sheet): string[] {
  if (span.error === undefined) return [];
  const { width, glyphs, paint } = canvas;
  const said = rows.some(
    ({ span: other }) =>
      other !== span && other.error && isWithin(other, span) && span.error!.includes(other.error),
  );
  if (said) return [];
  const configPath = span.attributes[STAGE_CONFIG_PATH];
  const text =
    typeof configPath === 'string' && !span.error.includes(configPath)
      ? `${configPath}: ${span.error}`
      : span.error || 'failed';
  const indent = trunk.length + glyphs.failed.length + 1;
  return wrap(text, Math.max(width - indent, 20)).map((line, index) => {
    const lead = index === 0 ? `${glyphs.failed} ` : ' '.repeat(glyphs.failed.length + 1);
    return paint(trunk, 'quiet') + paint(lead + line, 'failed');
  });
}

function isWithin(inner: Span, outer: Span): boolean {
  return inner.start >= outer.start && inner.end <= outer.end;
}

function drawSummary(
  root: Span,
  stages: readonly Span[],
  critical: Span | undefined,
  axis: Axis,
  { width, glyphs, paint }: Sheet,
): string {
  const covered = formatShare(axis.coverage(stages, root));
  const parts = [`stages cover ${covered} of ${micro(formatDuration(axis.total), glyphs)}`];
  if (critical) parts.push(`critical ${glyphs.critical} ${printable(critical.name)}`);
  return paint(fit(glyphs.blank + parts.join(glyphs.separator), width, glyphs).trimEnd(), 'quiet');
}

function duration(nanos: number, columns: Columns, glyphs: Glyphs): string {
  return micro(formatDuration(nanos), glyphs).padStart(columns.duration);
}

function micro(text: string, glyphs: Glyphs): string {
  return text.replace('µ', glyphs.micro);
}

function tones(when: boolean, tone: Tone): Tone[] {
  return when ? [tone] : [];
}

function joinLine(cells: (string | undefined)[]): string {
  const [last, ...before] = cells.filter((cell) => cell !== undefined).reverse();
  return `${before.reverse().join('  ')} ${last}`.trimEnd();
}

function wrap(text: string, width: number): string[] {
  return text.split('\n').flatMap((paragraph) => {
    const lines: string[] = [];
    let rest = printable(paragraph);
    while (rest.length > width) {
      const space = rest.lastIndexOf(' ', width);
      const cut = space > width / 2 ? space : width;
      lines.push(rest.slice(0, cut));
      rest = rest.slice(cut).trimStart();
    }
    return [...lines, rest];
  });
}
