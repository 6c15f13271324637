import { hasNamespace } from '../has-namespace.ts';
import type { NamespaceType } from '../names/namespace-types.ts';
import type { Spec } from '../types.ts';
import type { Report } from './checks/report.ts';

/** ipc_namespaces(7), with all of fs.mqueue. */
const IPC = [
  'kernel.msgmax',
  'kernel.msgmnb',
  'kernel.msgmni',
  'kernel.sem',
  'kernel.shmall',
  'kernel.shmmax',
  'kernel.shmmni',
  'kernel.shm_rmid_forced',
];

/** `linux.sysctl` may only name sysctls of the container's own namespaces. */
export function checkSysctls({ linux }: Spec, report: Report): void {
  for (const [name, value] of Object.entries(linux?.sysctl ?? {})) {
    const at = ['linux', 'sysctl', name];
    const dotted = dottedName(name);
    const type = namespaceOf(dotted);
    if (!type || /(^|[./])\.{0,2}([./]|$)/.test(name)) {
      report.add(value, 'a sysctl of an ipc, network, user or uts namespace', ...at);
    } else if (!hasNamespace(linux, type)) {
      report.add(
        value,
        `no such sysctl, or ${articleFor(type)} namespace in linux.namespaces`,
        ...at,
      );
    } else if (dotted === 'kernel.hostname') {
      report.add(value, 'no such sysctl: hostname is the field for it', ...at);
    }
  }
}

/** `net/ipv4/conf/eno2.100/forwarding` as `net.ipv4.conf.eno2/100.forwarding`: sysctl.d(5). */
export function dottedName(name: string): string {
  if (/[./]/.exec(name)?.[0] !== '/') return name;
  return name.replaceAll(/[./]/g, (separator) => (separator === '.' ? '/' : '.'));
}

function namespaceOf(name: string): NamespaceType | undefined {
  if (IPC.includes(name) || name.startsWith('fs.mqueue.')) return 'ipc';
  if (name.startsWith('net.')) return 'network';
  if (name.startsWith('user.')) return 'user';
  if (name === 'kernel.domainname' || name === 'kernel.hostname') return 'uts';
  return undefined;
}

function articleFor(type: NamespaceType): string {
  return type === 'ipc' ? 'an ipc' : `a ${type}`;
}
