import { type InitProcess, isAlive } from '../../state/init-process.ts';
import type { InitEnd } from '../operations.ts';

/** Milliseconds between two looks. */
const INTERVAL = 20;

/** Looks for the end of an init that is nobody's child here: only its parent learns its status. */
export function watchInit(init: InitProcess): InitEnd {
  let timer: NodeJS.Timeout | undefined;
  const status = new Promise<undefined>((resolve) => {
    const look = (): void => {
      if (isAlive(init)) return;
      clearInterval(timer);
      resolve(undefined);
    };
    timer = setInterval(look, INTERVAL).unref();
    look();
  });
  return { status, hold: (alive) => void (alive ? timer?.ref() : timer?.unref()) };
}
