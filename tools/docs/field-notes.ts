import type { StageName } from '../../src/lifecycle/stages.ts';

/**
 * How davit supports a field of config.json. What is absent is inherited from the field around it.
 */
export interface FieldNote {
  /** The first version of the runtime-spec that has the field. Default: 1.0.0. */
  since?: string;
  /** The stages that apply it. */
  stages?: readonly StageName[];
  /** Why the field is supported only partly. Absent means fully. */
  partly?: string;
}

/** By the field's path: `[]` is an element of a list, `.*` a value of a map. */
export const FIELD_NOTES: Record<string, FieldNote> = {
  ociVersion: { stages: ['validateConfig'] },
  root: { stages: ['prepareRootfs'] },
  'root.readonly': { stages: ['readonlyRootfs'] },
  process: { stages: ['exec'] },
  'process.terminal': { stages: ['setupConsole'] },
  'process.consoleSize': { stages: ['setupConsole'] },
  'process.user': { stages: ['dropCapabilities'] },
  'process.user.umask': { since: '1.0.2' },
  'process.args': { stages: ['findProgram', 'exec'] },
  'process.cwd': {
    stages: ['makeWorkingDirectory', 'enterWorkingDirectory', 'verifyWorkingDirectory'],
  },
  'process.capabilities': { stages: ['dropCapabilities'] },
  'process.rlimits': { stages: ['setProcessLimits'] },
  'process.noNewPrivileges': { stages: ['setNoNewPrivileges'] },
  'process.apparmorProfile': { stages: ['setProcessLabels'] },
  'process.oomScoreAdj': { stages: ['setOomScore'] },
  'process.scheduler': { since: '1.1.0', stages: ['setScheduler'] },
  'process.selinuxLabel': { stages: ['setProcessLabels'] },
  'process.ioPriority': { since: '1.1.0', stages: ['setIoPriority'] },
  'process.execCPUAffinity': {
    since: '1.2.1',
    stages: ['initialCpuAffinity', 'finalCpuAffinity'],
  },
  hostname: { stages: ['hostname'] },
  domainname: { since: '1.1.0', stages: ['domainname'] },
  mounts: { stages: ['mounts'] },
  'mounts[].source': { stages: ['openMountSources', 'mounts'] },
  'mounts[].uidMappings': { since: '1.1.0', stages: ['openMountSources'] },
  'mounts[].gidMappings': { since: '1.1.0', stages: ['openMountSources'] },
  hooks: {},
  'hooks.prestart': { stages: ['prestartHooks'] },
  'hooks.createRuntime': { since: '1.0.2', stages: ['createRuntimeHooks'] },
  'hooks.createContainer': { since: '1.0.2', stages: ['createContainerHooks'] },
  'hooks.startContainer': { since: '1.0.2', stages: ['startContainerHooks'] },
  'hooks.poststart': { stages: ['poststartHooks'] },
  'hooks.poststop': { stages: ['poststopHooks'] },
  annotations: { stages: ['createState', 'restrictAccess'] },
  linux: {},
  'linux.namespaces': { stages: ['forkInit', 'enterCgroupNamespace', 'bringUpLoopback'] },
  'linux.uidMappings': { stages: ['mapIds'] },
  'linux.gidMappings': { stages: ['mapIds'] },
  'linux.timeOffsets': { since: '1.1.0', stages: ['forkInit'] },
  'linux.devices': { stages: ['devices'] },
  'linux.netDevices': { since: '1.3.0', stages: ['moveNetDevices'] },
  'linux.cgroupsPath': { stages: ['createCgroup', 'attachCgroup', 'attachMemoryCgroup'] },
  'linux.resources': { stages: ['limitResources'] },
  'linux.resources.memory.kernel': { partly: 'ignored with a warning: kernels no longer have it' },
  'linux.resources.memory.kernelTCP': {
    partly: 'ignored with a warning: kernels no longer have it',
  },
  'linux.resources.memory.useHierarchy': { since: '1.0.2' },
  'linux.resources.memory.checkBeforeUpdate': { since: '1.1.0' },
  'linux.resources.cpu.burst': { since: '1.1.0' },
  'linux.resources.cpu.idle': { since: '1.1.0' },
  'linux.resources.rdma': { since: '1.0.2' },
  'linux.resources.unified': { since: '1.1.0' },
  'linux.sysctl': {
    stages: ['sysctl'],
    partly: 'as in runc: only namespaced sysctls, of the container’s own namespaces',
  },
  'linux.seccomp': { stages: ['compileSeccomp', 'installSeccomp', 'exec'] },
  'linux.seccomp.flags': { since: '1.0.2' },
  'linux.seccomp.defaultErrnoRet': { since: '1.1.0' },
  'linux.seccomp.listenerPath': { since: '1.1.0' },
  'linux.seccomp.listenerMetadata': { since: '1.1.0' },
  'linux.seccomp.syscalls[].errnoRet': { since: '1.1.0' },
  'linux.rootfsPropagation': { stages: ['prepareRootfs', 'rootfsPropagation'] },
  'linux.maskedPaths': { stages: ['maskedPaths'] },
  'linux.readonlyPaths': { stages: ['readonlyPaths'] },
  'linux.mountLabel': { stages: ['mounts'] },
  'linux.intelRdt': {
    stages: ['createResctrlGroup', 'joinResctrlGroup', 'removeResctrlGroup'],
    partly: 'tested against a directory tree in place of the hardware',
  },
  'linux.intelRdt.closID': { since: '1.0.2' },
  'linux.intelRdt.memBwSchema': { since: '1.0.2' },
  'linux.intelRdt.schemata': { since: '1.3.0' },
  'linux.intelRdt.enableMonitoring': { since: '1.3.0' },
  'linux.memoryPolicy': { since: '1.3.0', stages: ['setMemoryPolicy'] },
  'linux.personality': { since: '1.0.2', stages: ['setPersonality'] },
  'linux.personality.flags': { partly: 'ignored with a warning: runtime-spec defines no flags' },
};
