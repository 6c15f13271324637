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
 * A container's cgroup in every hierarchy, whichever driver makes it (v1, v2, systemd). What takes a
 * conversation with systemd returns a promise.
 */
export interface Cgroup {
  readonly hierarchies: readonly CgroupHierarchy[];
  /** `hierarchies`, and the hierarchies in which the container stays in the runtime's cgroup. */
  readonly allHierarchies: readonly CgroupHierarchy[];
  /**
   * Makes the directories, and writes the values without which no process can enter (cpuset,
   * realtime CPU time). Throws when the place is frozen or holds processes. Undoes a creation that
   * fails. `placeholder` is the pid of an idle process: systemd can only start a scope around a
   * process. It may end once init is in the scope.
   */
  create(resources?: LinuxResources, placeholder?: number): void | Promise<void>;
  /** Opens the files with which a process moves itself. Call it before that process is forked. */
  openAttachment(options?: OpenAttachmentOptions): CgroupAttachment;
  /** Applies limits. A controller that is missing is an error only if `resources` asks for it. */
  apply(resources: LinuxResources, options?: ApplyOptions): void | Promise<void>;
  freeze(): void;
  thaw(): void;
  frozen(): boolean;
  /** Pids in the cgroup; with `recursive`, also in the cgroups below it. */
  pids(options?: { recursive: boolean }): number[];
  /**
   * Sends SIGKILL to every process, repeatedly until none is left. Calls `waiting` before each
   * repetition.
   */
  killAll(waiting?: () => void): void;
  /** Removes the directories. A missing directory is no error. */
  destroy(): void | Promise<void>;
  /** The record in state.json from which loadCgroup finds the cgroup again. */
  serialize(): CgroupRecord;
}

export interface JoinOptions {
  /** `later` leaves out the hierarchies that charge for setup; `only` joins just these. */
  charging: 'now' | 'later' | 'only';
}

export interface OpenAttachmentOptions {
  /** The caller forks with CLONE_INTO_CGROUP: `join` then leaves that hierarchy out. */
  cloneInto?: boolean;
  /** The caller needs `runInsideCharging`. */
  returns?: boolean;
}

export interface ApplyOptions {
  /** Leaves access to devices as it is, as `update` must. */
  keepDevices?: boolean;
  /** linux.devices. A default device listed here gets no default rule, as in runc. */
  devices?: readonly Device[];
}

/**
 * Open fds with which a single-threaded process moves itself. To move another process, the kernel
 * waits for an RCU grace period; for a thread that moves itself it does not
 * (cgroup_procs_write_start in kernel/cgroup/cgroup.c). The fds work after a fork, in new
 * namespaces and after pivot_root.
 */
export interface CgroupAttachment extends Disposable {
  /** Fd for clone3(CLONE_INTO_CGROUP), which starts the child in the cgroup; undefined for none. */
  readonly cloneInto: number | undefined;
  /**
   * Fds to write "0" to, to join the hierarchies that charge for setup: for memory, or for limited
   * CPU time. Undefined when one of them may fail without error: a mere write cannot tell.
   */
  readonly chargingJoinFds: readonly number[] | undefined;
  /** Moves the calling process, which must be single-threaded. */
  join(options?: JoinOptions): void;
  /**
   * Runs `action` inside the hierarchies that charge for setup, then goes back.
   * unshare(CLONE_NEWCGROUP) in `action` takes the container's cgroup as its root, although init
   * joins them only later.
   */
  runInsideCharging(action: () => void): void;
  /** Set where a process may not move itself: the runtime calls it right after the fork. */
  attachProcess?(pid: number): Promise<void>;
}

/** A cgroup as state.json holds it. */
export interface CgroupRecord {
  driver: 'cgroupfs' | 'systemd';
  hierarchies: CgroupHierarchy[];
  /** The unit, for the driver systemd. */
  unit?: string;
}

/** The container's directory in a hierarchy. */
export const directoryOf = ({ mountpoint, path }: CgroupHierarchy): string =>
  path === '/' ? mountpoint : mountpoint + path;
