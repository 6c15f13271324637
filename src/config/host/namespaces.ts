import { closeSync, constants, existsSync, openSync, readlinkSync } from 'node:fs';
import type { NamespaceType } from '../names/namespace-types.ts';
import type { Linux, Namespace, Spec } from '../types.ts';
import type { Report } from '../validate/report.ts';

/** The names of namespaces(7) below /proc/PID/ns. */
const PROC_NAMES: Record<NamespaceType, string> = {
  cgroup: 'cgroup',
  ipc: 'ipc',
  mount: 'mnt',
  network: 'net',
  pid: 'pid',
  time: 'time',
  user: 'user',
  uts: 'uts',
};

/** Namespaces to join must be there and of their type; new ones must be known to the kernel. */
export function checkNamespaces({ linux }: Spec, report: Report): void {
  for (const [index, namespace] of (linux?.namespaces ?? []).entries()) {
    const { type, path } = namespace;
    const name = PROC_NAMES[type];
    if (!path) {
      if (existsSync(`/proc/self/ns/${name}`)) continue;
      const expected = `a namespace that the kernel has: it has no ${type} namespaces`;
      report.add(type, expected, 'linux', 'namespaces', index, 'type');
      continue;
    }
    const link = identify(path);
    if (!link.startsWith(`${name}:[`)) {
      const expected = `the path of ${article(type)} ${type} namespace: ${explain(link)}`;
      report.add(path, expected, 'linux', 'namespaces', index, 'path');
    } else if (type === 'network') checkHostNetwork(linux!, namespace, link, report);
  }
}

/**
 * What a file is, as the kernel names it: `net:[4026531840]` for a namespace, a path for all else,
 * an errno's name when it cannot be opened.
 */
function identify(path: string): string {
  let fd: number | undefined;
  try {
    // O_NONBLOCK: a FIFO would wait for its writer.
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function explain(link: string): string {
  const kind = /^(\w+):\[\d+\]$/.exec(link)?.[1];
  const type = Object.entries(PROC_NAMES).find(([, name]) => name === kind)?.[0];
  if (type) return `it is ${article(type)} ${type} namespace`;
  if (link === 'ENOENT') return 'no such file or directory';
  return link.startsWith('/') || kind ? 'it is no namespace' : link;
}

/** net. sysctls would change the host when the namespace joined is the host's own. */
function checkHostNetwork(
  { sysctl = {} }: Linux,
  { path }: Namespace,
  link: string,
  report: Report,
): void {
  if (link !== readlinkSync('/proc/self/ns/net')) return;
  for (const [name, value] of Object.entries(sysctl)) {
    if (!/^net[./]/.test(name)) continue;
    report.add(value, `no such sysctl, as ${path} is the host's own`, 'linux', 'sysctl', name);
  }
}

function article(type: string): string {
  return type === 'ipc' ? 'an' : 'a';
}
