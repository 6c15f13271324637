import type { Glyphs } from '../text/glyphs.ts';
import { niceStep, unitOf } from '../text/ticks.ts';

/**
 * A bar of `width` cells, drawn in half cells from `start` to `end` (0 to 1). A bar shorter than
 * half a cell is a thin line, so that every span is visible.
 */
export function drawBar(start: number, end: number, width: number, glyphs: Glyphs): string {
  const from = half(start, width);
  const to = half(end, width);
  if (to <= from) {
    const at = Math.min(from, 2 * width - 1);
    const tick = at % 2 === 0 ? glyphs.leftTick : glyphs.rightTick;
    return (' '.repeat(at >> 1) + tick).padEnd(width);
  }
  let bar = ' '.repeat(from >> 1);
  if (from % 2 === 1) bar += glyphs.rightHalf;
  bar += glyphs.full.repeat((to >> 1) - ((from + 1) >> 1));
  if (to % 2 === 1) bar += glyphs.leftHalf;
  return bar.padEnd(width);
}

function half(fraction: number, width: number): number {
  return Math.round(Math.min(Math.max(fraction, 0), 1) * 2 * width);
}

/** The least distance of two labels of the ruler, in cells. */
const LABEL_CELLS = 7;

/** The time axis of `total` nanoseconds: `0──────5──────10─────15 ms──`. */
export function drawRuler(total: number, width: number, glyphs: Glyphs): string {
  const { name, nanos } = unitOf(total);
  const unit = name.replace('µ', glyphs.micro);
  const cells = (width / total) * nanos;
  const step = niceStep(LABEL_CELLS / cells);
  let ruler = '0';
  for (let tick = 1; ; tick++) {
    const label = String(Number((tick * step).toPrecision(6)));
    const at = Math.floor(tick * step * cells);
    if (at + label.length + 1 + unit.length > width) break;
    ruler = ruler.padEnd(at, glyphs.rule) + label;
  }
  return `${ruler} ${unit}`.padEnd(width, glyphs.rule).slice(0, width);
}
