import { existsSync } from 'node:fs';
import { posix } from 'node:path';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { annotatedProperties } from './annotations.ts';
import type { BusCaller, ManagerSelection } from './bus.ts';
import { Manager } from './manager.ts';
import type { UnitProperty } from './property.ts';
import { expandSlice, type UnitName, unitNameOf } from './unit-name.ts';

/** Requests to systemd beyond the cgroup's place and limits. */
export interface SystemdRequest extends BusCaller {
  /** Annotations that begin with `org.systemd.property.` set properties of the unit. */
  annotations?: Readonly<Record<string, string>> | undefined;
  /** The host's uid that gets to own the cgroup: see cgroupOwner. */
  owner?: number | undefined;
}

/** A unit that is not started yet. */
export interface NewUnit extends Pick<SystemdRequest, 'owner'> {
  name: UnitName;
  properties: readonly UnitProperty[];
}

/** A container to place. */
export interface ScopeRequest {
  cgroupsPath?: string | undefined;
  id: string;
  rootless: boolean;
  unified: boolean;
}

/** A container's unit, and its cgroup's path below the mountpoint. Starts nothing yet. */
export async function systemdPlace(
  { cgroupsPath, id, rootless: user, unified }: ScopeRequest,
  { annotations, owner, environment, eventLoop }: SystemdRequest,
): Promise<ManagerSelection & { path: string; unit: string; start: NewUnit }> {
  if (!existsSync('/run/systemd/system')) {
    throw new RuntimeError(
      'systemd not running on this host, cannot use systemd cgroups manager',
      'leave out --systemd-cgroup: the cgroup driver of the engine must be cgroupfs',
    );
  }
  if (user && !unified) {
    throw new RuntimeError('cannot use rootless systemd cgroups manager on cgroup v1');
  }
  const name = unitNameOf({ cgroupsPath, id, user });
  const properties = annotatedProperties(annotations);
  // A user's slices are below the cgroup of systemd's user manager.
  const manager = { user, environment, eventLoop };
  const above = user ? await Manager.with(manager, (one) => one.controlGroup()) : '/';
  const path = posix.join(above, expandSlice(name.slice), name.unit);
  return { path, unit: name.unit, ...manager, start: { name, properties, owner } };
}
