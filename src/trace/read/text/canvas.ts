import { type Glyphs, glyphs } from './glyphs.ts';
import { type Paint, painter } from './paint.ts';

/** What text is drawn for. */
export interface Drawing {
  /** Cells a line may take; 50 at least. */
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

export function canvasOf({ width, color, unicode }: Drawing): Canvas {
  return { width, glyphs: glyphs(unicode), paint: painter(color) };
}
