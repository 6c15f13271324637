import { ERROR_HINT, STAGE_CONFIG_PATH } from '../../record/attributes.ts';
import type { Span } from '../../store/span.ts';
import type { Canvas } from '../text/canvas.ts';
import { printable } from '../text/paint.ts';
import type { Row } from './tree.ts';

/** The lines with the error and the hint of `span`, unless a span below it shows them already. */
export function drawFailure(
  span: Span,
  trunk: string,
  rows: readonly Row[],
  canvas: Canvas,
): string[] {
  const { error } = span;
  if (error === undefined) return [];
  const below = rows
    .map((row) => row.span)
    .filter((other) => other !== span && isWithin(other, span));
  const said = below.some((other) => other.error && error.includes(other.error));
  const hint = span.attributes[ERROR_HINT];
  const hinted = below.some(({ attributes }) => attributes[ERROR_HINT] === hint);
  return [
    ...(said ? [] : drawReason(span, error, trunk, canvas)),
    ...(typeof hint === 'string' && !hinted ? drawHint(hint, trunk, canvas) : []),
  ];
}

function drawReason(span: Span, error: string, trunk: string, canvas: Canvas): string[] {
  const { width, glyphs, paint } = canvas;
  const configPath = span.attributes[STAGE_CONFIG_PATH];
  const text =
    typeof configPath === 'string' && !error.includes(configPath)
      ? `${configPath}: ${error}`
      : error || 'failed';
  const indent = trunk.length + glyphs.failed.length + 1;
  return wrap(text, Math.max(width - indent, 20)).map((line, index) => {
    const lead = index === 0 ? `${glyphs.failed} ` : ' '.repeat(glyphs.failed.length + 1);
    return paint(trunk, 'quiet') + paint(lead + line, 'failed');
  });
}

function drawHint(hint: string, trunk: string, { width, glyphs, paint }: Canvas): string[] {
  const indent = ' '.repeat(glyphs.failed.length + 1);
  const lines = wrap(hint, Math.max(width - trunk.length - indent.length, 20));
  return lines.map((line) => paint(trunk, 'quiet') + indent + line);
}

function isWithin(inner: Span, outer: Span): boolean {
  return inner.start >= outer.start && inner.end <= outer.end;
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
