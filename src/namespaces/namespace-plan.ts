import { closeSync, openSync } from 'node:fs';
import type { Spec } from '../config/types.ts';
import { atField } from '../errors/stage-error.ts';
import type { JoinedNamespace, NamespacePlan } from '../init/fork/join.ts';
import {
  CLONE_NEWIPC,
  CLONE_NEWTIME,
  CLONE_NEWUSER,
  NAMESPACES,
} from '../syscalls/task/namespaces.ts';
import { timeOffsets } from './time-namespace.ts';

/**
 * What linux.namespaces asks for. Opens the namespaces to join, as their paths are the runtime's.
 * A new cgroup namespace is not part of the plan: its root is the cgroup of the process that makes
 * it, so enterCgroupNamespace makes it once init is in the container's cgroup.
 */
export function planNamespaces(spec: Spec): NamespacePlan {
  const join: JoinedNamespace[] = [];
  let create = 0;
  (spec.linux?.namespaces ?? []).forEach(({ type, path }, i) => {
    const { flag } = NAMESPACES[type];
    const configPath = `linux.namespaces[${i}].path`;
    if (path) join.push({ flag, configPath, fd: atField(configPath, () => openSync(path, 'r')) });
    else if (type !== 'cgroup') create |= flag;
  });
  const offsets = timeOffsets(spec);
  if (create & CLONE_NEWUSER) return { join, create: create & ~madeInside(offsets) };
  return offsets ? { join, create, timeOffsets: offsets } : { join, create };
}

/**
 * The namespaces that enterUserNamespace makes inside a new user namespace: ipc, as its maker owns
 * /dev/mqueue; and time with offsets, as an ordinary user has the privileges for it only there.
 */
const madeInside = (offsets: string): number => CLONE_NEWIPC | (offsets ? CLONE_NEWTIME : 0);

export function closeNamespaces({ join }: Pick<NamespacePlan, 'join'>): void {
  for (const { fd } of join) closeSync(fd);
}
