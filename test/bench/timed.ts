import { readFileSync } from 'node:fs';
import { waitpid } from '../../src/syscalls/task/process.ts';
import { spawn } from '../../src/syscalls/task/spawn.ts';
import { sleepSync } from '../../src/syscalls/time/sleep.ts';

/**
 * Runs a program to its end, without Node's cost of starting a process. Returns milliseconds;
 * throws if the program fails.
 */
export function timed(
  command: string,
  args: readonly string[],
  { devNull, env: more = {} }: { devNull: number; env?: Record<string, string> },
): number {
  const env = Object.entries({ ...process.env, ...more }).map(
    ([name, value]) => `${name}=${value}`,
  );
  const fds = [
    [devNull, 0],
    [devNull, 1],
    [2, 2],
  ] as const;
  const begin = process.hrtime.bigint();
  const status = waitpid(spawn({ path: command, argv: [command, ...args], env, fds }));
  const end = process.hrtime.bigint();
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: exit status ${status}`);
  return Number(end - begin) / 1e6;
}

/**
 * Waits until a process that is not a child has ended: it is gone or a zombie (proc_pid_stat(5)).
 */
export function awaitEnd(pid: number): void {
  for (const begin = Date.now(); Date.now() - begin < 10_000; sleepSync(1)) {
    try {
      if (/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))) return;
    } catch {
      return;
    }
  }
  throw new Error(`process ${pid} has not ended`);
}
