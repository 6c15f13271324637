import type { Device, LinuxResources } from '../config/types.ts';

/** One mounted hierarchy and the container's place in it: its directory is mountpoint + path. */
export interface CgroupHierarchy {
  /** `['cpu', 'cpuacct']`, `['name=systemd']`; empty for the unified hierarchy. */
  controllers: string[];
  version: 1 | 2;
  /** Where the host has the hierarchy mounted: `/sys/fs/cgroup/memory`. */
  mountpoint: string;
  /** The container's cgroup below the mountpoint: `/davit/web1`. */
  path: string;
}

/**
 * A container's cgroup in every hierarchy, behind whichever driver made it (v1, v2, systemd).
 * All methods are synchronous.
 */
export interface Cgroup {
  readonly hierarchies: readonly CgroupHierarchy[];
  /** The same, and those where the container has no cgroup of its own but the runtime's. */
  readonly places: readonly CgroupHierarchy[];
  /**
   * Makes the directories, and writes what must stand before a process can enter (cpuset, realtime
   * CPU time). Throws when the place is frozen or holds processes; a half-made creation is undone.
   * `placeholder` is the pid of a process that does nothing: systemd makes a scope around one, which
   * may end once the container's own is in.
   */
  create(resources?: LinuxResources, placeholder?: number): void;
  /** Opens the way in for a process that moves itself; to be called before it is forked. */
  openAttachment(options?: OpenAttachmentOptions): CgroupAttachment;
  /** Applies limits. What the kernel lacks is an error only when it was asked for. */
  apply(resources: LinuxResources, options?: ApplyOptions): void;
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

export interface JoinOptions {
  /** `later` leaves out the hierarchies in which setting up would be charged, `only` is just those. */
  charged: 'now' | 'later' | 'only';
}

export interface OpenAttachmentOptions {
  /** The caller forks with CLONE_INTO_CGROUP: then what that does is left out of `join`. */
  cloneInto?: boolean;
  /** The caller needs `visitCharged`. */
  visits?: boolean;
}

export interface ApplyOptions {
  /** Leaves access to devices as it is, as `update` must. */
  keepDevices?: boolean;
  /** linux.devices: a default device that is listed there gets no default rule, as in runc. */
  devices?: readonly Device[];
}

/**
 * Open fds by which a single-threaded process moves itself. Writing to another process' cgroup.procs
 * waits for an RCU grace period; a thread that moves itself does not (cgroup_procs_write_start in
 * kernel/cgroup/cgroup.c). The fds stay good after a fork, in new namespaces and after pivot_root.
 */
export interface CgroupAttachment {
  /** For clone3(CLONE_INTO_CGROUP), when asked for and of use: the child is then born in there. */
  readonly cloneInto: number | undefined;
  /**
   * Where to write "0" to join the hierarchies in which setting up would be charged: those that account
   * memory, and CPU time where it is limited. Undefined where failing is no error.
   */
  readonly chargedDoors: readonly number[] | undefined;
  /** Moves the calling process, whose only thread it must be. */
  join(options?: JoinOptions): void;
  /**
   * Runs `action` as a member of those hierarchies, too, then goes back: so that
   * unshare(CLONE_NEWCGROUP) takes the container's cgroup for its root before they are attached.
   */
  visitCharged(action: () => void): void;
  /** Where processes may not move themselves: the runtime moves one, right after it is forked. */
  bring?(pid: number): void;
  close(): void;
}

/** A cgroup as state.json holds it. */
export interface CgroupRecord {
  driver: 'cgroupfs' | 'systemd';
  hierarchies: CgroupHierarchy[];
  /** systemd's unit, where that is the driver. */
  unit?: string;
}

/** The container's directory in a hierarchy. */
export const directoryOf = ({ mountpoint, path }: CgroupHierarchy): string =>
  path === '/' ? mountpoint : mountpoint + path;
