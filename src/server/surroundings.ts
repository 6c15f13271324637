import { readFileSync, readlinkSync } from 'node:fs';
import { placeOf } from '../syscalls/mount/mount-id.ts';

/** Those of a process's children, too: containers' processes are the front's children. */
const NAMESPACES = [
  ...['mnt', 'user', 'pid', 'net', 'cgroup', 'time', 'ipc', 'uts'],
  ...['pid_for_children', 'time_for_children'],
];

/** Lines of proc_pid_status(5). */
const STATUS = [...['Uid', 'Gid', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb', 'NoNewPrivs', 'Seccomp']];

/**
 * What decides what a process may do and what it sees. Two processes with the same surroundings are
 * interchangeable.
 */
export interface Surroundings {
  /** In the order of {@link NAMESPACES}. */
  readonly namespaces: readonly string[];
  /** In the order of {@link STATUS}. */
  readonly status: readonly string[];
  readonly groups: string;
  readonly label: string | undefined;
  readonly root: string;
}

/**
 * Reads the surroundings of a process from /proc. Throws if the process is gone, or if this process
 * may not look at it (ptrace(2), PTRACE_MODE_READ). `labelled` says whether there is a security
 * module that labels processes: asking for a label fails otherwise, which takes long.
 */
export function surroundingsOf(pid: number | 'self', labelled: boolean): Surroundings {
  const proc = `/proc/${pid}`;
  const namespaces = NAMESPACES.map((name) => readlinkSync(`${proc}/ns/${name}`));
  const status = readFileSync(`${proc}/status`, 'utf8');
  return {
    namespaces,
    status: STATUS.map((name) => lineOf(status, name)),
    groups: groupsOf(status),
    label: labelled ? readFileSync(`${proc}/attr/current`, 'latin1') : undefined,
    // The same directory by another mount is another root: other mounts lie below it.
    root: placeOf(`${proc}/root`),
  };
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
  const namespace = firstDifference(one.namespaces, other.namespaces);
  if (namespace >= 0) return `the ${NAMESPACES[namespace]} namespace`;
  const status = firstDifference(one.status, other.status);
  if (status >= 0) return STATUS[status];
  if (one.groups !== other.groups) return 'Groups';
  if (one.label !== other.label) return 'the security label';
  return one.root === other.root ? undefined : 'the root directory';
}

/** Whether a seccomp filter restricts the process. */
export const hasFilter = ({ status }: Surroundings): boolean =>
  status[STATUS.indexOf('Seccomp')] !== '0';

const firstDifference = (one: readonly string[], other: readonly string[]): number =>
  one.findIndex((value, i) => value !== other[i]);

/** The value in a line `NAME:\tVALUE`. Empty if there is no such line. */
function lineOf(status: string, name: string): string {
  const start = status.indexOf(`\n${name}:\t`);
  if (start < 0) return '';
  const from = start + name.length + 3;
  return status.slice(from, status.indexOf('\n', from)).trimEnd();
}

/** A supplementary group that is also the effective one gives nothing. */
function groupsOf(status: string): string {
  const [, effective = ''] = lineOf(status, 'Gid').split('\t');
  const others = lineOf(status, 'Groups');
  if (others === '' || others === effective) return effective;
  return [...new Set([effective, ...others.split(' ')])].sort().join(' ');
}
