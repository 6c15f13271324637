import { STAGE_CONFIG_PATH } from '../attributes.ts';
import type { Span } from '../span.ts';
import type { Canvas } from '../text/canvas.ts';
import { printable } from '../text/paint.ts';
import type { Row } from './tree.ts';

/** Why `span` failed, where none of the spans below it says so already. */
export function drawFailure(
  span: Span,
  trunk: string,
  rows: readonly Row[],
  canvas: Canvas,
): string[] {
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
