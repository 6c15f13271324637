import { closeSync, fstatSync, openSync, readFileSync, readlinkSync } from 'node:fs';
import { O_PATH } from '../syscalls/files/file.ts';
import { mountIdOf } from '../syscalls/mount/mount-id.ts';

/** What decides what a process may do and what it sees. Two equal ones are interchangeable. */
export type Surroundings = Readonly<Record<string, string>>;

const NAMESPACES = [
  ...['mnt', 'user', 'pid', 'pid_for_children', 'net', 'cgroup', 'ipc', 'uts'],
  ...['time', 'time_for_children'],
];

/** Lines of proc_pid_status(5). */
const STATUS = ['Uid', 'Gid', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb', 'NoNewPrivs', 'Seccomp'];

/**
 * Reads the surroundings of a process from /proc. Throws if the process is gone, or if this process
 * may not look at it (ptrace(2), PTRACE_MODE_READ).
 */
export function surroundingsOf(pid: number | 'self'): Surroundings {
  const found: Record<string, string> = {};
  for (const name of NAMESPACES) {
    found[`the ${name} namespace`] = readlinkSync(`/proc/${pid}/ns/${name}`);
  }
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  const field = (name: string): string[] =>
    new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(status)?.[1]?.split(/\s+/).filter(Boolean) ?? [];
  for (const name of STATUS) found[name] = field(name).join(' ');
  // A group that is also the effective one gives nothing.
  found.Groups = [...new Set([...field('Groups'), field('Gid')[1]!])].sort().join(' ');
  found['the security label'] = securityLabel(pid);
  found['the root directory'] = rootOf(pid);
  return found;
}

/** Names the first difference; undefined if there is none. */
export const differenceOf = (one: Surroundings, other: Surroundings): string | undefined =>
  Object.keys(one).find((name) => one[name] !== other[name]);

/** Empty without a security module that has labels. */
function securityLabel(pid: number | 'self'): string {
  try {
    return readFileSync(`/proc/${pid}/attr/current`, 'latin1');
  } catch {
    return '';
  }
}

/** The same directory by another mount is another root: other mounts lie below it. */
function rootOf(pid: number | 'self'): string {
  const fd = openSync(`/proc/${pid}/root`, O_PATH);
  try {
    const { dev, ino } = fstatSync(fd, { bigint: true });
    return [readlinkSync(`/proc/${pid}/root`), dev, ino, mountIdOf(fd)].join(' ');
  } finally {
    closeSync(fd);
  }
}
