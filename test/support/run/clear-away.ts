import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { hasErrno } from '../../../src/errors/syscall-error.ts';
import { waitFor } from '../wait-for.ts';
import { cgroupsNamed, devicesNamed, mountsOf, processesOf } from './leftovers.ts';

/** Ends and removes everything that `whatIsLeft` finds of a run of tests, and its directory. */
export async function clearAway(scratch: string): Promise<void> {
  const name = basename(scratch);
  await waitFor(() => killAll(scratch) === 0);
  for (const file of filesOf(name, 'cgroup.procs').reverse()) rmdirSync(dirname(file));
  for (const line of mountsOf(scratch).reverse()) run('umount', '--lazy', line.split(' ')[4]!);
  for (const device of devicesNamed(name)) run('ip', 'link', 'delete', device);
  // A remaining mount might show the host's files: removing must not enter it.
  if (mountsOf(scratch).length === 0) rmSync(scratch, { recursive: true, force: true });
}

/** Files of a run's cgroups; each cgroup comes before those below it. */
const filesOf = (name: string, file: string): string[] =>
  [...new Set(cgroupsNamed(name).flatMap((top) => globSync(`${top}/**/${file}`)))].sort();

/** Kills the run's processes. Returns their number. */
function killAll(scratch: string): number {
  const name = basename(scratch);
  const pids = new Set(processesOf(scratch).map((line) => Number.parseInt(line, 10)));
  for (const file of filesOf(name, 'cgroup.procs')) {
    unlessGone(() => {
      for (const pid of readFileSync(file, 'utf8').match(/\d+/g) ?? []) pids.add(Number(pid));
    });
  }
  for (const pid of pids) unlessGone(() => process.kill(pid, 'SIGKILL'));
  // Processes in a frozen cgroup die only when it is thawed.
  for (const file of filesOf(name, 'freezer.state'))
    unlessGone(() => writeFileSync(file, 'THAWED'));
  return pids.size;
}

function unlessGone(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!hasErrno(error, 'ENOENT', 'ENODEV', 'ESRCH')) throw error;
  }
}

const run = (command: string, ...args: string[]) =>
  spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });

/**
 * Starts a process that clears away a run of tests if this process is killed. Returns a function
 * that dismisses it.
 */
export function clearAwayWhenKilled(scratch: string): () => Promise<void> {
  const clear = [process.execPath, import.meta.filename, scratch];
  const guard = spawn('sh', ['-c', 'read -r dismissed || exec "$@"', 'sh', ...clear], {
    detached: true,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  return async () => {
    guard.stdin!.end('\n');
    await once(guard, 'exit');
  };
}

if (import.meta.main) await clearAway(process.argv[2]!);
