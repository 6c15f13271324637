import { readdirSync, readFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { NODE_FLAGS } from '../../node-flags.ts';

/**
 * The thread name that Node 24 and newer give to an unnamed worker, and to the thread of
 * `module.register`. Node has no list of workers, so named workers cannot be told from an addon's
 * threads.
 */
const WORKER = 'WorkerThread';

/** The oldest Node that has {@link NODE_FLAGS}, and what davit's code needs beside them. */
const OLDEST_NODE = [22, 14] as const;

/** Throws unless this process, as it was started, can be cloned. */
export function refuseProcess(): void {
  refuseThreads();
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_NODE;
  if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) {
    throw new RuntimeError(
      `davit cannot fork this process: its Node is ${process.version}, older than v${OLDEST_NODE.join('.')}`,
    );
  }
  const missing = NODE_FLAGS.filter((flag) => !process.execArgv.includes(flag));
  if (missing.length > 0) {
    throw new RuntimeError(
      `davit cannot fork this process: Node was started without ${missing.join(' ')}`,
    );
  }
}

/**
 * Throws unless this process can be cloned: it must have one JavaScript thread, and this must be
 * the main thread.
 */
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

/** The name of a thread; undefined when the thread has ended meanwhile. */
function nameOf(id: string): string | undefined {
  try {
    return readFileSync(`/proc/self/task/${id}/comm`, 'latin1').trim();
  } catch {
    return undefined;
  }
}
