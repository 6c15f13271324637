import { closeSync, fstatSync, openSync, readFileSync, readlinkSync } from 'node:fs';
import { O_PATH } from '../syscalls/files/file.ts';
import { mountIdOf } from '../syscalls/mount/mount-id.ts';

/** Those of a process's children, too: containers' processes are the front's children. */
const NAMESPACES = [
  ...['mnt', 'user', 'pid', 'net', 'cgroup', 'time', 'ipc', 'uts'],
  ...['pid_for_children', 'time_for_children'],
];

/** Lines of proc_pid_status(5). */
const STATUS = [
  ...['Uid', 'Gid', 'Groups', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb', 'NoNewPrivs', 'Seccomp'],
];

/**
 * What decides what a process may do and what it sees, by name. Two processes with the same
 * surroundings are interchangeable.
 */
export type Surroundings = ReadonlyMap<string, string>;

/**
 * Reads the surroundings of a process from /proc. Throws if the process is gone, or if this process
 * may not look at it (ptrace(2), PTRACE_MODE_READ). `labelled` says whether there is a security
 * module that labels processes: asking for a label fails otherwise, which takes long.
 */
export function surroundingsOf(pid: number | 'self', labelled: boolean): Surroundings {
  const found = new Map<string, string>();
  for (const name of NAMESPACES) {
    found.set(`the ${name} namespace`, readlinkSync(`/proc/${pid}/ns/${name}`));
  }
  const status = statusOf(pid);
  for (const name of STATUS) found.set(name, status.get(name) ?? '');
  found.set('Groups', groupsOf(status));
  if (labelled)
    found.set('the security label', readFileSync(`/proc/${pid}/attr/current`, 'latin1'));
  found.set('the root directory', rootOf(pid));
  return found;
}

/** Whether a security module labels this process. */
export function isLabelled(): boolean {
  try {
    return readFileSync('/proc/self/attr/current', 'latin1') !== '';
  } catch {
    return false;
  }
}

/** Names the first difference; undefined if there is none. */
export function differenceOf(one: Surroundings, other: Surroundings): string | undefined {
  for (const [name, value] of one) if (value !== other.get(name)) return name;
  return undefined;
}

function statusOf(pid: number | 'self'): Map<string, string> {
  const lines = readFileSync(`/proc/${pid}/status`, 'latin1').split('\n');
  return new Map(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    }),
  );
}

/** A supplementary group that is also the effective one gives nothing. */
function groupsOf(status: ReadonlyMap<string, string>): string {
  const [, effective = ''] = status.get('Gid')!.split('\t');
  const others = status.get('Groups')!.split(' ').filter(Boolean);
  return [...new Set([effective, ...others])].sort().join(' ');
}

/** The same directory by another mount is another root: other mounts lie below it. */
function rootOf(pid: number | 'self'): string {
  const fd = openSync(`/proc/${pid}/root`, O_PATH);
  try {
    const { dev, ino } = fstatSync(fd);
    return [readlinkSync(`/proc/${pid}/root`), dev, ino, mountIdOf(fd)].join(' ');
  } finally {
    closeSync(fd);
  }
}
