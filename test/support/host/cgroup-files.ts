import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = '/sys/fs/cgroup';

/** 2 if there is only the unified hierarchy, 1 if controllers have their own hierarchies. */
export const cgroupVersion: 1 | 2 = existsSync(`${ROOT}/cgroup.controllers`) ? 2 : 1;

/** The reason to skip a test of limits, or false. */
export const needsControllers =
  cgroupVersion === 2
    ? !/\bmemory\b/.test(readFileSync(`${ROOT}/cgroup.controllers`, 'utf8')) && 'needs controllers'
    : !existsSync(`${ROOT}/memory`) && 'needs controllers';

/** The directory of a process's cgroup in the hierarchy that has `controller`. */
export function cgroupOf(pid: number, controller: string): string {
  const lines = readFileSync(`/proc/${pid}/cgroup`, 'utf8').split('\n');
  const places = lines.map((line) => line.split(':') as [string, string, string]);
  if (cgroupVersion === 2) return join(ROOT, places.find(([id]) => id === '0')![2]);
  const own = places.find(([, names]) => names?.split(',').includes(controller));
  return join(ROOT, controller, own![2]);
}

/** Reads a file of the cgroup, by its name in the version that the machine has. */
export function readCgroupFile(pid: number, v1: string, v2: string): string {
  const file = cgroupVersion === 2 ? v2 : v1;
  const dir = cgroupOf(pid, v1.split('.')[0]!);
  return readFileSync(join(dir, file), 'utf8').trim();
}
