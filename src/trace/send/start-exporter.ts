import { closeSync, openSync } from 'node:fs';
import { environ } from '../../caller/environ.ts';
import { spawn } from '../../syscalls/task/spawn.ts';
import { lockExport } from './lock.ts';
import { type Environment, signalsInBackground } from './signals.ts';

/** The exporter's fd of the lock. */
const LOCK_FD = 3;

/**
 * Starts `davit export` for what was just stored, where the environment asks for it and none is at
 * work, and does not wait for it. It has a session of its own, /dev/null for stdio, the lock that was
 * taken for it, and no other fd: whoever waits for the end of davit's output waits for davit alone.
 * `davit` is how that is started. Gives its pid.
 */
export function startExporter(
  directory: string,
  environment: Environment,
  davit: readonly [program: string, ...args: string[]],
): number | undefined {
  if (signalsInBackground(environment).length === 0) return undefined;
  const lock = lockExport(directory);
  if (!lock) return undefined;
  try {
    return spawnWith(lock.fd, environment, davit);
  } finally {
    lock.release();
  }
}

function spawnWith(
  lock: number,
  environment: Environment,
  davit: readonly [program: string, ...args: string[]],
): number {
  const devNull = openSync('/dev/null', 'r+');
  try {
    return spawn({
      path: davit[0],
      argv: [...davit, 'export', '--background', String(LOCK_FD)],
      env: environ(environment),
      fds: [
        [devNull, 0],
        [devNull, 1],
        [devNull, 2],
        [lock, LOCK_FD],
      ],
      newSession: true,
    });
  } finally {
    closeSync(devNull);
  }
}
