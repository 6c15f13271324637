import { openSync, statSync } from 'node:fs';
import { type CriuFds, FIRST_PASSED } from '../../checkpoint/criu-process.ts';
import { joinsNamespace } from '../../config/has-namespace.ts';
import type { NamespaceType } from '../../config/names/namespace-types.ts';
import type { Linux } from '../../config/types.ts';
import { atField } from '../../errors/stage-error.ts';
import { closeFd } from '../../syscalls/files/close-fd.ts';
import { NAMESPACES } from '../../syscalls/task/namespaces.ts';

/**
 * The namespaces that criu leaves alone, if the container joins them, and their names in images.
 */
const EXTERNAL = { network: 'extRootNetNS', pid: 'extRootPidNS' } as const;
type External = keyof typeof EXTERNAL;
const TYPES = Object.keys(EXTERNAL) as External[];

/** The namespaces that a checkpoint leaves out: `net[4026532280]:extRootNetNS`. */
export const namespacesLeftOut = (linux: Linux | undefined, initPid: number): string[] =>
  TYPES.filter((type) => joinsNamespace(linux, type)).map((type) => {
    const { file } = NAMESPACES[type];
    return `${file}[${statSync(`/proc/${initPid}/ns/${file}`).ino}]:${EXTERNAL[type]}`;
  });

/** Existing namespaces that a restored container joins. */
export interface NamespacesToJoin {
  /** fds for criu, which knows them by name. */
  passed: NonNullable<CriuFds['passed']>;
  inheritFd: { key: string; fd: number }[];
  joinNs: { ns: string; nsFile: string }[];
}

/** Opens the namespaces that the configuration names by path. */
export function namespacesToJoin(
  linux: Linux | undefined,
  atEnd: DisposableStack,
): NamespacesToJoin {
  const passed: number[] = [];
  const inheritFd: NamespacesToJoin['inheritFd'] = [];
  const joinNs: NamespacesToJoin['joinNs'] = [];
  for (const [i, { type, path }] of (linux?.namespaces ?? []).entries()) {
    if (!path) continue;
    atField(`linux.namespaces[${i}].path`, () => {
      if (isExternal(type)) {
        inheritFd.push({ key: EXTERNAL[type], fd: FIRST_PASSED + passed.length });
        passed.push(atEnd.adopt(openSync(path, 'r'), closeFd));
      } else if (type === 'cgroup') {
        throw new Error('criu cannot restore a container into an existing cgroup namespace');
      } else joinNs.push({ ns: NAMESPACES[type].file, nsFile: path });
    });
  }
  return { passed, inheritFd, joinNs };
}

const isExternal = (type: NamespaceType): type is External => Object.hasOwn(EXTERNAL, type);
