import { type Glyphs, glyphs } from './glyphs.ts';
import { type Paint, painter } from './paint.ts';

/** What the output can show. */
export interface TerminalFeatures {
  /** The width of a line in cells, at least 50. */
  width: number;
  color: boolean;
  /** Draw with characters beyond ASCII. */
  unicode: boolean;
}

export interface Canvas {
  width: number;
  glyphs: Glyphs;
  paint: Paint;
}

export function canvasOf({ width, color, unicode }: TerminalFeatures): Canvas {
  return { width, glyphs: glyphs(unicode), paint: painter(color) };
}
