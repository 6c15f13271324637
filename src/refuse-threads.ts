import { readdirSync, readFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { RuntimeError } from './errors/runtime-error.ts';

/**
 * What Node, from 24 on, names the thread of a worker that was given no name, and that of the hooks of
 * `module.register`. Node has no list of workers: others cannot be told from the threads of an addon.
 */
const WORKER = 'WorkerThread';

/** A process can be cloned while it has one JavaScript thread, and that thread has what init needs. */
export function refuseThreads(): void {
  if (!isMainThread) {
    throw new RuntimeError(
      'davit cannot run in a worker thread, which has no working directory, umask or ids of its own: make the Davit in the main thread',
    );
  }
  if (readdirSync('/proc/self/task').some((id) => nameOf(id) === WORKER)) {
    throw new RuntimeError(
      'davit cannot clone this process while it has worker threads: end them first, or have a process of its own make the containers',
    );
  }
}

/** Nothing of a thread that has ended meanwhile. */
function nameOf(id: string): string | undefined {
  try {
    return readFileSync(`/proc/self/task/${id}/comm`, 'latin1').trim();
  } catch {
    return undefined;
  }
}
