import type { Cgroup } from '../cgroups/cgroup.ts';
import { loadCgroup } from '../cgroups/open.ts';
import type { BusCaller } from '../cgroups/systemd/bus.ts';
import type { ContainerStatus } from '../config/names/container-statuses.ts';
import { RuntimeError } from '../errors/runtime-error.ts';
import type { ContainerRecord } from './record.ts';
import { statusOf } from './status.ts';
import { readRecord, stateDirOf } from './store.ts';

/** Names a container. */
export interface ContainerRequest extends BusCaller {
  /** Directory of all containers' state. */
  root: string;
  id: string;
}

/** An existing container, from its state directory and the kernel. */
export interface StoredContainer {
  readonly record: ContainerRecord;
  readonly stateDir: string;
  /** A status of the runtime-spec (runtime.md), or runc's `paused`. */
  readonly status: ContainerStatus | 'paused';
  readonly cgroup: Cgroup | undefined;
}

/**
 * Reads a container. Throws `container does not exist` when there is none of this id. `record` is
 * what the caller has just read from state.json.
 */
export function readContainer(
  { root, id, environment, eventLoop }: ContainerRequest,
  record = readRecord(root, id),
): StoredContainer {
  const stateDir = stateDirOf(root, id);
  const status = statusOf(record, stateDir);
  const cgroup =
    record.cgroup &&
    loadCgroup(record.cgroup, { rootless: record.rootless ?? false, environment, eventLoop });
  const paused = (status === 'running' || status === 'created') && cgroup?.frozen();
  return { record, stateDir, status: paused ? 'paused' : status, cgroup };
}

/** A container's cgroup. Throws without one: a container that does not run may have none. */
export function cgroupOf({ cgroup }: StoredContainer): Cgroup {
  if (!cgroup) throw new RuntimeError('cgroups not configured for container');
  return cgroup;
}
