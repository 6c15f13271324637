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

/** By key; null removes what has the key. */
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
  /** Of `r`, `w` and `m` (mknod); empty adds no rule. Default: `rwm`. */
  access?: string;
}

/**
 * What a plugin changes of a configuration. A plugin claims each field, or each key of a field with
 * keys, that it mentions; null removes. Hooks and additional gids are added, and claim nothing.
 */
export interface Adjustments {
  /** process.args, all of it. */
  args?: string[];
  /** process.env by name. */
  env?: ByKey<string, string>;
  /** process.rlimits by type. */
  rlimits?: ByKey<RlimitType, Omit<Rlimit, 'type'>>;
  /** process.oomScoreAdj. */
  oomScoreAdj?: number | null;
  /** process.user.additionalGids, those that are not there yet. */
  additionalGids?: number[];
  /** process.scheduler, all of it. */
  scheduler?: Scheduler | null;
  /** process.ioPriority, all of it. */
  ioPriority?: IOPriority | null;
  /** Mounts by destination; one that is new comes last, but before those that it would hide. */
  mounts?: ByKey<string, Omit<Mount, 'destination'>>;
  /** Run after those of config.json. */
  hooks?: Hooks;
  annotations?: ByKey<string, string>;
  /** linux.devices by path in the container; the cgroup then allows them, too. */
  devices?: ByKey<string, AdjustedDevice>;
  /** linux.netDevices by the interface's name on the host. */
  netDevices?: ByKey<string, NetDevice>;
  /** linux.namespaces by type. */
  namespaces?: ByKey<NamespaceType, Omit<Namespace, 'type'>>;
  /** linux.sysctl by name. */
  sysctl?: ByKey<string, string>;
  /** linux.cgroupsPath. */
  cgroupsPath?: string | null;
  /** linux.resources, each leaf a field of its own. */
  resources?: Leaves<LinuxResources>;
  /** linux.seccomp, all of it. */
  seccomp?: Seccomp | null;
  /** linux.intelRdt, all of it. */
  intelRdt?: IntelRdt | null;
  /** linux.memoryPolicy, all of it. */
  memoryPolicy?: MemoryPolicy | null;
}

export type AdjustableField = keyof Adjustments;
