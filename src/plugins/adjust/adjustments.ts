import type { NamespaceType } from '../../config/names/namespace-types.ts';
import type { RlimitType } from '../../config/names/rlimit-types.ts';
import type {
  Device,
  Hooks,
  IntelRdt,
  IOPriority,
  LinuxResources,
  MemoryPolicy,
  Mount,
  Namespace,
  NetDevice,
  Rlimit,
  Scheduler,
  Seccomp,
} from '../../config/types.ts';

/** Values by key; null removes the entry with that key. */
type ByKey<Key extends string, Value> = { [K in Key]?: Value | null };

/** Every leaf can be set, or removed by null. Lists are leaves. */
type Leaves<T> = {
  [K in keyof T]?:
    | (T[K] extends readonly unknown[] | undefined
        ? T[K]
        : T[K] extends object | undefined
          ? Leaves<T[K]>
          : T[K])
    | null;
};

/** A device, and what the cgroup lets the container do with it. */
export interface AdjustedDevice extends Omit<Device, 'path'> {
  /** Any of `r`, `w` and `m` (mknod). An empty string adds no rule. Default: `rwm`. */
  access?: string;
}

/**
 * What a plugin changes in a configuration. A plugin claims each field, or each key of a keyed
 * field, that it names; null removes. Hooks and additional gids are added and claim nothing.
 */
export interface Adjustments {
  /** process.args as a whole. */
  args?: string[];
  /** process.env by name. */
  env?: ByKey<string, string>;
  /** process.rlimits by type. */
  rlimits?: ByKey<RlimitType, Omit<Rlimit, 'type'>>;
  /** process.oomScoreAdj. */
  oomScoreAdj?: number | null;
  /** Added to process.user.additionalGids, without duplicates. */
  additionalGids?: number[];
  /** process.scheduler as a whole. */
  scheduler?: Scheduler | null;
  /** process.ioPriority as a whole. */
  ioPriority?: IOPriority | null;
  /** Mounts by destination. A new mount comes last, but before the mounts that it would hide. */
  mounts?: ByKey<string, Omit<Mount, 'destination'>>;
  /** Added after the hooks of config.json. */
  hooks?: Hooks;
  annotations?: ByKey<string, string>;
  /** linux.devices by path in the container. The cgroup then allows the devices as well. */
  devices?: ByKey<string, AdjustedDevice>;
  /** linux.netDevices by the interface's name on the host. */
  netDevices?: ByKey<string, NetDevice>;
  /** linux.namespaces by type. */
  namespaces?: ByKey<NamespaceType, Omit<Namespace, 'type'>>;
  /** linux.sysctl by name. */
  sysctl?: ByKey<string, string>;
  /** linux.cgroupsPath. */
  cgroupsPath?: string | null;
  /** linux.resources. Each leaf is a field of its own. */
  resources?: Leaves<LinuxResources>;
  /** linux.seccomp as a whole. */
  seccomp?: Seccomp | null;
  /** linux.intelRdt as a whole. */
  intelRdt?: IntelRdt | null;
  /** linux.memoryPolicy as a whole. */
  memoryPolicy?: MemoryPolicy | null;
}

export type AdjustableField = keyof Adjustments;
