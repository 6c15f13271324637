import { closeSync, openSync } from 'node:fs';
import type { NamespaceType } from '../config/names/namespace-types.ts';
import type { Spec } from '../config/types.ts';
import { atField } from '../errors/stage-error.ts';
import {
  CLONE_NEWCGROUP,
  CLONE_NEWIPC,
  CLONE_NEWNET,
  CLONE_NEWNS,
  CLONE_NEWPID,
  CLONE_NEWTIME,
  CLONE_NEWUSER,
  CLONE_NEWUTS,
} from '../syscalls/namespaces.ts';
import type { JoinedNamespace, NamespacePlan } from './fork/join.ts';

/** linux.namespaces[].type to CLONE_NEW*. */
export const NAMESPACE_FLAGS: Record<NamespaceType, number> = {
  user: CLONE_NEWUSER,
  mount: CLONE_NEWNS,
  uts: CLONE_NEWUTS,
  ipc: CLONE_NEWIPC,
  network: CLONE_NEWNET,
  pid: CLONE_NEWPID,
  cgroup: CLONE_NEWCGROUP,
  time: CLONE_NEWTIME,
};

/**
 * What linux.namespaces asks for; namespaces to join are opened here, by the runtime's own view of
 * their paths. A new cgroup namespace is not part of the plan: its root is the cgroup that init is
 * in when it makes it, so enterCgroupNamespace does, once init is in the container's.
 */
export function planNamespaces(spec: Spec): NamespacePlan {
  const join: JoinedNamespace[] = [];
  let create = 0;
  (spec.linux?.namespaces ?? []).forEach(({ type, path }, i) => {
    const flag = NAMESPACE_FLAGS[type];
    const configPath = `linux.namespaces[${i}].path`;
    if (path) join.push({ flag, configPath, fd: atField(configPath, () => openSync(path, 'r')) });
    else if (type !== 'cgroup') create |= flag;
  });
  if (makesIpcInside(create)) create &= ~CLONE_NEWIPC;
  const timeOffsets = Object.entries(spec.linux?.timeOffsets ?? {})
    .map(([clock, { secs = 0, nanosecs = 0 }]) => `${clock} ${secs} ${nanosecs}\n`)
    .join('');
  return timeOffsets ? { join, create, timeOffsets } : { join, create };
}

/**
 * An ipc namespace belongs to the user who makes it, its /dev/mqueue visibly so: in a new user
 * namespace enterUserNamespace makes it, once init is root there.
 */
const makesIpcInside = (create: number): boolean =>
  (create & CLONE_NEWUSER) !== 0 && (create & CLONE_NEWIPC) !== 0;

export function closeNamespaces({ join }: NamespacePlan): void {
  for (const { fd } of join) closeSync(fd);
}
