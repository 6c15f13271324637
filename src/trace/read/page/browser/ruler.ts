import { niceStep, unitOf } from '../../text/ticks.ts';
import { element } from './dom.ts';
import type { Viewport } from './viewport.ts';

/** The least distance of two labels, in pixels. */
const LABEL = 70;

/** Draws the marks of the visible part of the axis. */
export function drawRuler(track: HTMLElement, viewport: Viewport): void {
  const width = viewport.to - viewport.from;
  const pixels = Math.max(track.clientWidth, LABEL);
  const step = niceStep((width / pixels) * LABEL);
  const unit = unitOf(viewport.to);
  const marks: HTMLElement[] = [];
  for (let at = Math.ceil(viewport.from / step) * step; at <= viewport.to; at += step) {
    const text = String(Number((at / unit.nanos).toPrecision(9)));
    const left = viewport.place(at);
    // A label that would be cut off is left out; its line is drawn.
    const fits = (1 - left) * pixels > LABEL * 0.8;
    const mark = element('span', 'mark', fits ? `${text} ${unit.name}` : '');
    mark.style.left = `${left * 100}%`;
    marks.push(mark);
  }
  track.replaceChildren(...marks);
}
