import { closeSync, openSync } from 'node:fs';
import { environ } from '../../caller/environ.ts';
import type { Environment } from '../../config/environment.ts';
import { spawn } from '../../syscalls/task/spawn.ts';
import { lockExport } from './lock.ts';
import { signalsInBackground } from './signals.ts';

/** The number of the lock's fd in the exporter. */
const LOCK_FD = 3;

/**
 * Starts `davit export` in the background, where the environment asks for it and no exporter runs.
 * The exporter has its own session, /dev/null as stdio and the lock's fd, and no other fd: it keeps
 * no pipe of davit's caller open. `davit` is the argv that starts davit. Returns the pid.
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
