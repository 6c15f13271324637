import { type InitProcess, isAlive } from '../../state/init-process.ts';
import type { InitEnd } from '../operations.ts';

/** Milliseconds between two looks. */
const INTERVAL = 20;

/**
 * Polls for the end of an init that is not a child of this process. Only its parent learns its exit
 * status.
 */
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
