import { closeSync, constants, existsSync, fstatSync, openSync, statSync } from 'node:fs';
import { fstatfs, NSFS_MAGIC } from '../../syscalls/files/statfs.ts';
import { NAMESPACES, namespaceType } from '../../syscalls/task/namespaces.ts';
import type { NamespaceType } from '../names/namespace-types.ts';
import type { Linux, Namespace, Spec } from '../types.ts';
import type { Report } from '../validate/checks/report.ts';

/** A namespace to join must exist and have the right type. The kernel must know new ones. */
export function checkNamespaces({ linux }: Spec, report: Report): void {
  for (const [index, namespace] of (linux?.namespaces ?? []).entries()) {
    const { type, path } = namespace;
    if (!path) {
      if (existsSync(`/proc/self/ns/${NAMESPACES[type].file}`)) continue;
      const expected = `a type that this kernel supports: it has no ${type} namespaces`;
      report.add(type, expected, 'linux', 'namespaces', index, 'type');
      continue;
    }
    const found = identify(path);
    if (found.type !== type) {
      const expected = `the path of ${article(type)} ${type} namespace: ${explain(found)}`;
      report.add(path, expected, 'linux', 'namespaces', index, 'path');
    } else if (type === 'network') checkHostNetwork(linux!, namespace, found.inode, report);
  }
}

/** What a file is: a namespace, something else, or an error of open(2). */
interface Found {
  type?: NamespaceType | undefined;
  /** The inode on nsfs, which identifies the namespace. */
  inode?: number;
  /** The errno's name. */
  code?: string;
}

// readlink of /proc/self/fd/N does not tell: for a bind mount, as in /run/netns, it gives a path.
function identify(path: string): Found {
  let fd: number | undefined;
  try {
    // O_NONBLOCK: a FIFO would wait for its writer.
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if (fstatfs(fd).type !== NSFS_MAGIC) return {};
    return { type: typeOf(namespaceType(fd)), inode: fstatSync(fd).ino };
  } catch (error) {
    return { code: String((error as NodeJS.ErrnoException).code) };
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function typeOf(flag: number): NamespaceType | undefined {
  return (Object.keys(NAMESPACES) as NamespaceType[]).find(
    (type) => NAMESPACES[type].flag === flag,
  );
}

function explain({ type, code }: Found): string {
  if (type) return `it is ${article(type)} ${type} namespace`;
  if (code === 'ENOENT') return 'no such file or directory';
  return code ?? 'it is not a namespace';
}

/** When the joined network namespace is the host's own, sysctls of `net.` would change the host. */
function checkHostNetwork(
  { sysctl = {} }: Linux,
  { path }: Namespace,
  inode: number | undefined,
  report: Report,
): void {
  if (inode !== statSync('/proc/self/ns/net').ino) return;
  for (const [name, value] of Object.entries(sysctl)) {
    if (!/^net[./]/.test(name)) continue;
    report.add(value, `no such sysctl, as ${path} is the host's own`, 'linux', 'sysctl', name);
  }
}

function article(type: string): string {
  return type === 'ipc' ? 'an' : 'a';
}
