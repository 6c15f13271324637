import { relative } from 'node:path';
import { fstatfs, PROC_SUPER_MAGIC } from '../../../syscalls/files/statfs.ts';
import type { MountRequest } from '../request.ts';

// What lxcfs emulates, file by file, and the two sysctls that runc has always let through.
const ALLOWED_BELOW = [
  'cpuinfo',
  'diskstats',
  'meminfo',
  'stat',
  'swaps',
  'uptime',
  'loadavg',
  'slabinfo',
  'sys/kernel/ns_last_pid',
  'sys/crypto/fips_enabled',
];

/**
 * Refuses mounts that would hide or fake the container's /proc, on which masks, labels and sysctls
 * rely. `path` is where the destination really is: absolute below the rootfs, without symlinks.
 * `source` is an fd of the bind's source.
 */
export function checkProcMount(path: string, request: MountRequest, source?: number): void {
  const below = relative('/proc', path);
  if (below.startsWith('..') || ALLOWED_BELOW.includes(below)) return;
  if (below !== '') throw new Error(`"${path}" cannot be mounted because it is inside /proc`);
  if (source === undefined ? request.type === 'proc' : isProcfs(source)) return;
  throw new Error(`"${path}" cannot be mounted because it is not of type proc`);
}

const isProcfs = (fd: number): boolean => fstatfs(fd).type === PROC_SUPER_MAGIC;
