import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const UNIFIED = '/sys/fs/cgroup/unified';

/**
 * True if cgroup v1 and v2 are mounted side by side and v2 has controllers. crun refuses such a
 * machine.
 */
export function isHybrid(): boolean {
  try {
    return readFileSync(`${UNIFIED}/cgroup.controllers`, 'latin1').trim() !== '';
  } catch {
    return false;
  }
}

/**
 * Runs this program again in a new mount namespace with only cgroup v1, which all three runtimes
 * support. Returns the exit status.
 */
export function rerunWithoutHybrid(): number {
  // crun makes directories there, cgroups or not.
  const script = `umount ${UNIFIED} && mount -t tmpfs tmpfs ${UNIFIED} && exec "$0" "$@"`;
  const { status, error } = spawnSync(
    'unshare',
    ['--mount', '--propagation', 'private', 'sh', '-c', script, process.execPath].concat(
      process.execArgv,
      process.argv.slice(1),
    ),
    { stdio: 'inherit' },
  );
  if (error) throw error;
  return status ?? 1;
}
