import type { Row } from './rows.ts';
import type { Viewport } from './viewport.ts';

interface KeyActions {
  viewport: Viewport;
  rows: () => readonly Row[];
  select: (row: Row) => void;
  zoomTo: (row: Row) => void;
  close: () => void;
}

/** Tab reaches one row; the arrow keys move from there to the others. */
export function listenToKeys({ viewport, rows, select, zoomTo, close }: KeyActions): void {
  const visible = () => rows().filter(({ button }) => button.offsetParent !== null);
  const focused = () => visible().findIndex(({ button }) => button === document.activeElement);
  const move = (by: number) => {
    const list = visible();
    const row = list[Math.min(Math.max(focused() + by, 0), list.length - 1)];
    if (row) select(row);
  };
  const here = () => visible()[focused()];
  const actions: Record<string, () => void> = {
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    Home: () => move(-Infinity),
    End: () => move(Infinity),
    ArrowLeft: () => viewport.pan(-0.1),
    ArrowRight: () => viewport.pan(0.1),
    '+': () => viewport.zoom(0.5),
    '=': () => viewport.zoom(0.5),
    '-': () => viewport.zoom(2),
    '0': () => viewport.fit(),
    z: () => {
      const row = here();
      if (row) zoomTo(row);
    },
    Escape: close,
  };
  document.addEventListener('keydown', (event) => {
    const { key, ctrlKey, altKey, metaKey, target } = event;
    const typing = target instanceof HTMLSelectElement || target instanceof HTMLInputElement;
    if (ctrlKey || altKey || metaKey || typing) return;
    const action = Object.hasOwn(actions, key) ? actions[key] : undefined;
    if (!action) return;
    event.preventDefault();
    action();
  });
}
