import type { LinuxResources } from '../config/types.ts';

/** One mounted hierarchy and the container's place in it. */
export interface CgroupHierarchy {
  /** `['cpu', 'cpuacct']`, `['name=systemd']`; empty for the unified hierarchy. */
  controllers: string[];
  version: 1 | 2;
  /** Where the host has the hierarchy mounted: `/sys/fs/cgroup/memory`. */
  mountpoint: string;
  /** The container's cgroup relative to the hierarchy's root: `/davit/web1`. */
  path: string;
}

/**
 * A container's cgroup in every hierarchy, behind whichever driver made it (v1, v2, systemd).
 * All methods are synchronous.
 */
export interface Cgroup {
  readonly hierarchies: readonly CgroupHierarchy[];
  /** Makes the directories. Throws when one exists and holds processes. */
  create(): void;
  /** Moves a process into every hierarchy, except memory when `memory` is 'later'. */
  attach(pid: number, options?: { memory: 'now' | 'later' | 'only' }): void;
  /** Applies limits. What the kernel lacks is an error only when it was asked for. */
  apply(resources: LinuxResources): void;
  freeze(): void;
  thaw(): void;
  frozen(): boolean;
  /** Pids in the cgroup; with `recursive`, of those below it too. */
  pids(options?: { recursive: boolean }): number[];
  /** Sends SIGKILL to every process, repeatedly until none is left. */
  killAll(): void;
  /** Removes the directories; absent ones are no error. */
  destroy(): void;
  /** What state.json keeps, for loadCgroup. */
  serialize(): CgroupRecord;
}

/** A cgroup as state.json holds it. */
export interface CgroupRecord {
  driver: 'cgroupfs' | 'systemd';
  hierarchies: CgroupHierarchy[];
  /** systemd's unit, where that is the driver. */
  unit?: string;
}
