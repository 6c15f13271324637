import { AsyncLocalStorage } from 'node:async_hooks';
import type { Watchdog } from './watchdog.ts';
import type { WatchedFunction } from './watched-function.ts';

const running = new AsyncLocalStorage<WatchedFunction>();
let watchdog: Watchdog | undefined;

/** The plugin's function that is running, or that started the timer or promise that is. */
export const watchedFunction = (): WatchedFunction | undefined => running.getStore();

/** From now on, functions are watched until they return or settle. */
export function setWatchdog(given: Watchdog): void {
  watchdog = given;
}

/** Runs a plugin's function inside init, which the runtime watches. */
export const runInInit = <T>(work: WatchedFunction, action: () => T): T =>
  running.run(work, action);

/** Runs a plugin's function, which is done when it returns. */
export function runWatched<T>(work: WatchedFunction, action: () => T): T {
  watchdog?.watch(work);
  try {
    return running.run(work, action);
  } finally {
    watchdog?.release();
  }
}

/** Runs a plugin's function, which is done when it has answered. */
export async function awaitWatched<T>(work: WatchedFunction, action: () => Promise<T>): Promise<T> {
  watchdog?.watch(work);
  try {
    return await running.run(work, action);
  } finally {
    watchdog?.release();
  }
}
