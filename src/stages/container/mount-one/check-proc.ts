import { relative } from 'node:path';
import { fstatfs, PROC_SUPER_MAGIC, statfs } from '../../../syscalls/statfs.ts';
import { isBind, type MountRequest } from './request.ts';

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
 */
export function checkProcMount(path: string, request: MountRequest): void {
  const below = relative('/proc', path);
  if (below.startsWith('..') || ALLOWED_BELOW.includes(below)) return;
  if (below !== '') throw new Error(`"${path}" cannot be mounted because it is inside /proc`);
  if (isBind(request) ? isProcfs(request) : request.type === 'proc') return;
  throw new Error(`"${path}" cannot be mounted because it is not of type proc`);
}

function isProcfs({ source, sourceFd }: MountRequest): boolean {
  const { type } = sourceFd === undefined ? statfs(source) : fstatfs(sourceFd);
  return type === PROC_SUPER_MAGIC;
}
