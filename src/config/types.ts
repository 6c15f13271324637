import type { CapabilitySet } from './names/capability-sets.ts';
import type { ContainerStatus } from './names/container-statuses.ts';
import type { DeviceRuleType, DeviceType } from './names/device-types.ts';
import type { HookName } from './names/hook-names.ts';
import type { IOPriorityClass } from './names/io-priority-classes.ts';
import type { MemoryPolicyFlag, MemoryPolicyMode } from './names/memory-policy.ts';
import type { NamespaceType } from './names/namespace-types.ts';
import type { PersonalityDomain } from './names/personality-domains.ts';
import type { Propagation } from './names/propagations.ts';
import type { RlimitType } from './names/rlimit-types.ts';
import type { SchedulerFlag, SchedulerPolicy } from './names/scheduler.ts';
import type { SeccompAction } from './names/seccomp-actions.ts';
import type { SeccompArch } from './names/seccomp-archs.ts';
import type { SeccompFlag } from './names/seccomp-flags.ts';
import type { SeccompOperator } from './names/seccomp-operators.ts';

/**
 * A 64-bit integer: a number, or a bigint when a number cannot hold the value exactly
 * (RLIM_INFINITY is 18446744073709551615n). `String(v)`, `BigInt(v)` and comparisons work for both.
 */
export type Int64 = number | bigint;

/** config.json on Linux, as in runtime-spec 1.3: config.md and config-linux.md. */
export interface Spec {
  ociVersion: string;
  root?: Root;
  process?: Process;
  hostname?: string;
  domainname?: string;
  mounts?: Mount[];
  hooks?: Hooks;
  annotations?: Record<string, string>;
  linux?: Linux;
}

export interface Root {
  /** Absolute, or relative to the bundle. */
  path: string;
  readonly?: boolean;
}

export interface Process {
  terminal?: boolean;
  consoleSize?: ConsoleSize;
  user: User;
  args?: string[];
  /** `NAME=value`, as environ(7). */
  env?: string[];
  /** Absolute path in the container. */
  cwd: string;
  capabilities?: Capabilities;
  rlimits?: Rlimit[];
  noNewPrivileges?: boolean;
  apparmorProfile?: string;
  oomScoreAdj?: number;
  scheduler?: Scheduler;
  selinuxLabel?: string;
  ioPriority?: IOPriority;
  execCPUAffinity?: ExecCPUAffinity;
}

/** In characters. */
export interface ConsoleSize {
  height: number;
  width: number;
}

export interface User {
  uid: number;
  gid: number;
  umask?: number;
  additionalGids?: number[];
}

/** Names such as `CAP_KILL`; unknown ones are skipped with a warning. */
export type Capabilities = Partial<Record<CapabilitySet, string[]>>;

export interface Rlimit {
  type: RlimitType;
  soft: Int64;
  hard: Int64;
}

/** sched_setattr(2). */
export interface Scheduler {
  policy: SchedulerPolicy;
  nice?: number;
  priority?: number;
  flags?: SchedulerFlag[];
  /** Nanoseconds, as are `deadline` and `period`; SCHED_DEADLINE only. */
  runtime?: Int64;
  deadline?: Int64;
  period?: Int64;
}

/** ioprio_set(2). */
export interface IOPriority {
  class: IOPriorityClass;
  /** 0 (highest, the default) to 7. */
  priority?: number;
}

/** For `exec`: lists such as `0-3,7`, for before and after the process enters the cgroup. */
export interface ExecCPUAffinity {
  initial?: string;
  final?: string;
}

export interface Mount {
  /** Absolute path in the container. */
  destination: string;
  type?: string;
  /** For bind mounts: absolute, or relative to the bundle. */
  source?: string;
  options?: string[];
  uidMappings?: IDMapping[];
  gidMappings?: IDMapping[];
}

export type Hooks = Partial<Record<HookName, Hook[]>>;

export interface Hook {
  /** Absolute path, on the host except for startContainer. */
  path: string;
  /** argv, its first element included. */
  args?: string[];
  env?: string[];
  /** Seconds. */
  timeout?: number;
}

export interface Linux {
  namespaces?: Namespace[];
  uidMappings?: IDMapping[];
  gidMappings?: IDMapping[];
  timeOffsets?: TimeOffsets;
  devices?: Device[];
  /** Keys are the interfaces' names on the host. */
  netDevices?: Record<string, NetDevice>;
  cgroupsPath?: string;
  resources?: LinuxResources;
  sysctl?: Record<string, string>;
  seccomp?: Seccomp;
  rootfsPropagation?: Propagation;
  maskedPaths?: string[];
  readonlyPaths?: string[];
  mountLabel?: string;
  intelRdt?: IntelRdt;
  memoryPolicy?: MemoryPolicy;
  personality?: Personality;
}

export interface Namespace {
  type: NamespaceType;
  /** Absolute path of a namespace to join, instead of making a new one. */
  path?: string;
}

/** A line of uid_map or gid_map: user_namespaces(7). */
export interface IDMapping {
  containerID: number;
  hostID: number;
  size: number;
}

/** time_namespaces(7). */
export interface TimeOffsets {
  boottime?: TimeOffset;
  monotonic?: TimeOffset;
}

export interface TimeOffset {
  secs?: Int64;
  nanosecs?: number;
}

export interface Device {
  type: DeviceType;
  /** Absolute path in the container. */
  path: string;
  /** Both are needed except for a FIFO (`p`). */
  major?: number;
  minor?: number;
  /** Permission bits, as a number: 438 is 0666. */
  fileMode?: number;
  uid?: number;
  gid?: number;
}

export interface NetDevice {
  /** The interface's name in the container, if it gets another. */
  name?: string;
}

/** cgroups(7). An absent field leaves the cgroup's setting alone. */
export interface LinuxResources {
  devices?: DeviceRule[];
  memory?: LinuxMemory;
  cpu?: LinuxCPU;
  pids?: LinuxPids;
  blockIO?: LinuxBlockIO;
  hugepageLimits?: HugepageLimit[];
  network?: LinuxNetwork;
  /** Keys are the names of RDMA devices. */
  rdma?: Record<string, LinuxRdma>;
  /** Keys are cgroup v2 files, values their content. */
  unified?: Record<string, string>;
}

export interface DeviceRule {
  allow: boolean;
  type?: DeviceRuleType;
  /** Absent or -1 means all. */
  major?: number;
  minor?: number;
  /** Letters `r`, `w` and `m` (mknod). */
  access?: string;
}

/** In bytes; -1 means no limit. */
export interface LinuxMemory {
  limit?: Int64;
  reservation?: Int64;
  /** Memory and swap together. */
  swap?: Int64;
  /** Ignored, as by runc: kernel memory has had no limit of its own since Linux 5.16. */
  kernel?: Int64;
  kernelTCP?: Int64;
  /** 0 to 100. */
  swappiness?: number;
  disableOOMKiller?: boolean;
  useHierarchy?: boolean;
  /** `update` fails when the container already uses more than the new limit. */
  checkBeforeUpdate?: boolean;
}

/** Times in microseconds. */
export interface LinuxCPU {
  shares?: Int64;
  quota?: Int64;
  burst?: Int64;
  period?: Int64;
  realtimeRuntime?: Int64;
  realtimePeriod?: Int64;
  /** A CPU list such as `0-3,7`. */
  cpus?: string;
  /** A list of memory nodes. */
  mems?: string;
  /** 1 makes the cgroup SCHED_IDLE. */
  idle?: number;
}

export interface LinuxPids {
  /** -1 means no limit. */
  limit?: Int64;
}

export interface LinuxBlockIO {
  /** 10 to 1000; 0 means unset. */
  weight?: number;
  leafWeight?: number;
  weightDevice?: WeightDevice[];
  throttleReadBpsDevice?: ThrottleDevice[];
  throttleWriteBpsDevice?: ThrottleDevice[];
  throttleReadIOPSDevice?: ThrottleDevice[];
  throttleWriteIOPSDevice?: ThrottleDevice[];
}

export interface WeightDevice {
  major: number;
  minor: number;
  weight?: number;
  leafWeight?: number;
}

export interface ThrottleDevice {
  major: number;
  minor: number;
  /** Bytes or operations per second. */
  rate: Int64;
}

export interface HugepageLimit {
  /** `2MB`, `64KB`, `1GB`. */
  pageSize: string;
  /** Bytes. */
  limit: Int64;
}

export interface LinuxNetwork {
  classID?: number;
  priorities?: InterfacePriority[];
}

export interface InterfacePriority {
  name: string;
  priority: number;
}

export interface LinuxRdma {
  hcaHandles?: number;
  hcaObjects?: number;
}

export interface Seccomp {
  defaultAction: SeccompAction;
  defaultErrnoRet?: number;
  architectures?: SeccompArch[];
  flags?: SeccompFlag[];
  /** AF_UNIX socket that receives the notify fd; needed by SCMP_ACT_NOTIFY. */
  listenerPath?: string;
  listenerMetadata?: string;
  syscalls?: SeccompSyscall[];
}

export interface SeccompSyscall {
  names: string[];
  action: SeccompAction;
  errnoRet?: number;
  args?: SeccompArg[];
}

export interface SeccompArg {
  /** 0 to 5. */
  index: number;
  /** For SCMP_CMP_MASKED_EQ: the mask. */
  value: Int64;
  /** For SCMP_CMP_MASKED_EQ: the value to compare the masked argument with. */
  valueTwo?: Int64;
  op: SeccompOperator;
}

/** resctrl: Documentation/filesystems/resctrl.rst. */
export interface IntelRdt {
  closID?: string;
  schemata?: string[];
  l3CacheSchema?: string;
  memBwSchema?: string;
  enableMonitoring?: boolean;
}

/** set_mempolicy(2). */
export interface MemoryPolicy {
  mode: MemoryPolicyMode;
  /** A list such as `0-1`. */
  nodes?: string;
  flags?: MemoryPolicyFlag[];
}

export interface Personality {
  domain: PersonalityDomain;
  /** None is defined by runtime-spec 1.3. */
  flags?: string[];
}

/** A container's state, as `state` prints it and hooks read it: runtime.md, "State". */
export interface State {
  ociVersion: string;
  id: string;
  status: ContainerStatus;
  /** init's pid on the host; absent (or 0) when stopped. */
  pid?: number;
  /** Absolute path. */
  bundle: string;
  annotations?: Record<string, string>;
}

/** Sent to a seccomp listener with the notify fd: config-linux.md, "Container Process State". */
export interface ContainerProcessState {
  ociVersion: string;
  /** Names of the fds sent, `seccompFd` being the notify fd. */
  fds: string[];
  pid: number;
  metadata?: string;
  state: State;
}
