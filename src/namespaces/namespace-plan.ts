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
 * What linux.namespaces asks for; namespaces to join are opened here, by the runtime's own view of
 * their paths. A new cgroup namespace is not part of the plan: its root is the cgroup that init is
 * in when it makes it, so enterCgroupNamespace does, once init is in the container's.
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
 * What enterUserNamespace makes in a new user namespace: an ipc namespace, which belongs to the user
 * who makes it, its /dev/mqueue visibly so; and a time namespace with offsets, for which an ordinary
 * user has the privileges only there.
 */
const madeInside = (offsets: string): number => CLONE_NEWIPC | (offsets ? CLONE_NEWTIME : 0);

export function closeNamespaces({ join }: Pick<NamespacePlan, 'join'>): void {
  for (const { fd } of join) closeSync(fd);
}
