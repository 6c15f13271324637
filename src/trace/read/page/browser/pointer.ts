import type { Viewport } from './viewport.ts';

/** A pointer that has moved this many pixels drags the axis and does not click. */
const SLOP = 4;

/** Pans the time axis by dragging, and zooms it with Ctrl and the wheel, as maps do. */
export function listenToPointer(area: HTMLElement, viewport: Viewport, track: HTMLElement): void {
  let dragged = false;
  area.addEventListener('pointerdown', (down) => {
    const onTrack = down.target instanceof Element && down.target.closest('.track');
    dragged = false;
    if (!onTrack || down.button !== 0) return;
    let { clientX } = down;
    const move = (event: PointerEvent) => {
      if (!dragged && Math.abs(event.clientX - down.clientX) < SLOP) return;
      dragged = true;
      viewport.pan((clientX - event.clientX) / track.clientWidth);
      clientX = event.clientX;
    };
    const end = () => {
      window.removeEventListener('pointermove', move);
      window.removeEventListener('pointerup', end);
      window.removeEventListener('pointercancel', end);
    };
    window.addEventListener('pointermove', move);
    window.addEventListener('pointerup', end);
    window.addEventListener('pointercancel', end);
  });
  area.addEventListener('click', (event) => dragged && event.stopPropagation(), { capture: true });
  area.addEventListener(
    'wheel',
    (event) => {
      const { left, width } = track.getBoundingClientRect();
      if (event.ctrlKey) viewport.zoom(1.002 ** event.deltaY, (event.clientX - left) / width);
      else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        viewport.pan((event.deltaX || event.deltaY) / width);
      } else return;
      event.preventDefault();
    },
    { passive: false },
  );
}
