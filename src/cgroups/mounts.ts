import { readFileSync } from 'node:fs';
import { parseMountinfoLine } from '../syscalls/mount/mountinfo.ts';

/** A mount of a cgroup hierarchy, from proc_pid_mountinfo(5). */
export interface CgroupMount {
  version: 1 | 2;
  mountpoint: string;
  /** The cgroup at the mount's root: `/` outside of containers. */
  root: string;
  /** The superblock's options, controllers among them: `rw`, `cpu`, `cpuacct`, `name=systemd`. */
  options: string[];
}

/** The cgroup mounts in the text of a mountinfo file, in its order. */
export function parseMounts(mountinfo: string): CgroupMount[] {
  const mounts: CgroupMount[] = [];
  // A host with many containers has thousands of lines: only lines of cgroups are parsed.
  for (let at = mountinfo.indexOf(' - cgroup'); at !== -1; ) {
    const end = mountinfo.indexOf('\n', at);
    const line = mountinfo.slice(mountinfo.lastIndexOf('\n', at) + 1, end === -1 ? undefined : end);
    const { type, mountpoint, root, superOptions } = parseMountinfoLine(line);
    if (type === 'cgroup' || type === 'cgroup2') {
      mounts.push({ version: type === 'cgroup' ? 1 : 2, mountpoint, root, options: superOptions });
    }
    at = mountinfo.indexOf(' - cgroup', at + 1);
  }
  return mounts;
}

/** A line of /proc/PID/cgroup, cgroups(7). The unified hierarchy's line has no controllers. */
export interface OwnCgroup {
  controllers: string[];
  /** The process' cgroup, as a path from the hierarchy's root. */
  path: string;
}

export function parseOwnCgroups(text: string): OwnCgroup[] {
  const own: OwnCgroup[] = [];
  for (const line of text.split('\n')) {
    const first = line.indexOf(':');
    const second = line.indexOf(':', first + 1);
    if (first === -1 || second === -1) continue;
    const list = line.slice(first + 1, second);
    own.push({ controllers: list === '' ? [] : list.split(','), path: line.slice(second + 1) });
  }
  return own;
}

export const readMounts = (): CgroupMount[] =>
  parseMounts(readFileSync('/proc/self/mountinfo', 'utf8'));

export const readOwnCgroups = (): OwnCgroup[] =>
  parseOwnCgroups(readFileSync('/proc/self/cgroup', 'utf8'));

/** The path of the process' cgroup in the unified hierarchy. */
export const unifiedPath = (own: readonly OwnCgroup[]): string =>
  own.find(({ controllers }) => controllers.length === 0)?.path ?? '/';
