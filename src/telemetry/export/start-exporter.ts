import { closeSync, openSync } from 'node:fs';
import { spawn } from '../../syscalls/spawn.ts';
import { isExporting } from './lock.ts';
import { type Environment, exportedSignals } from './signals.ts';

/**
 * Starts `davit export` for what was just stored, where the environment asks for it and none is at
 * work, and does not wait for it. It has a session of its own, /dev/null for stdio, and no other fd:
 * whoever waits for the end of davit's output waits for davit alone. Never throws.
 */
export function startExporter(directory: string, environment: Environment): unknown {
  if (exportedSignals(environment).length === 0) return undefined;
  try {
    if (isExporting(directory)) return undefined;
    const devNull = openSync('/dev/null', 'r+');
    try {
      spawn({
        path: process.execPath,
        argv: [process.execPath, ...process.execArgv, process.argv[1]!, 'export', '--background'],
        env: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
        fds: [
          [devNull, 0],
          [devNull, 1],
          [devNull, 2],
        ],
        newSession: true,
      });
    } finally {
      closeSync(devNull);
    }
    return undefined;
  } catch (error) {
    return error;
  }
}
