import { hasLandlock } from '../config/landlock.ts';
import type { NamespaceType } from '../config/names/namespace-types.ts';
import { hasNamespace, makesNamespace } from '../config/validate/has-namespace.ts';
import {
  attachCgroup,
  attachMemoryCalls,
  attachMemoryCgroup,
} from '../stages/container/attach-cgroup.ts';
import { createContainerHooks, startContainerHooks } from '../stages/container/container-hooks.ts';
import { createDevices } from '../stages/container/devices.ts';
import { setDomainname } from '../stages/container/domainname.ts';
import { dropCapabilities } from '../stages/container/drop-capabilities.ts';
import { enterCgroupNamespace } from '../stages/container/enter-cgroup-namespace.ts';
import { enterUserNamespace } from '../stages/container/enter-user-namespace.ts';
import { execCalls, execProgram } from '../stages/container/exec-program.ts';
import { findProgram } from '../stages/container/find-program.ts';
import { setHostname } from '../stages/container/hostname.ts';
import { installSeccomp } from '../stages/container/install-seccomp.ts';
import { bringUpLoopback, createsNetworkNamespace } from '../stages/container/loopback.ts';
import { maskPaths } from '../stages/container/masked-paths.ts';
import { makeMounts } from '../stages/container/mounts.ts';
import { setNoNewPrivileges } from '../stages/container/no-new-privileges.ts';
import { openProcfs } from '../stages/container/open-procfs.ts';
import { pivotRoot } from '../stages/container/pivot-root.ts';
import { prepareRootfs } from '../stages/container/prepare-rootfs.ts';
import { protectInit } from '../stages/container/protect-init.ts';
import { makePathsReadonly } from '../stages/container/readonly-paths.ts';
import { hasReadonlyRootfs, makeRootfsReadonly } from '../stages/container/readonly-rootfs.ts';
import { reopenDevNull } from '../stages/container/reopen-dev-null.ts';
import { restrictAccess } from '../stages/container/restrict-access.ts';
import {
  setRootfsPropagation,
  wantsRootfsPropagation,
} from '../stages/container/rootfs-propagation.ts';
import { joinSessionKeyring } from '../stages/container/session-keyring.ts';
import {
  resetCpuAffinity,
  setFinalCpuAffinity,
  setInitialCpuAffinity,
} from '../stages/container/set-cpu-affinity.ts';
import { setIoPriority } from '../stages/container/set-io-priority.ts';
import { setMemoryPolicy } from '../stages/container/set-memory-policy.ts';
import { setPersonality } from '../stages/container/set-personality.ts';
import { setProcessLabels } from '../stages/container/set-process-labels.ts';
import { setScheduler } from '../stages/container/set-scheduler.ts';
import { setupConsole } from '../stages/container/setup-console.ts';
import { startWait, startWaitCalls } from '../stages/container/start-wait.ts';
import { setSysctls } from '../stages/container/sysctl.ts';
import {
  enterWorkingDirectory,
  makeWorkingDirectory,
  verifyWorkingDirectory,
} from '../stages/container/working-directory.ts';
import { adjustConfig } from '../stages/runtime/adjust-config.ts';
import { announceExec } from '../stages/runtime/announce-exec.ts';
import { compileSeccompFilter } from '../stages/runtime/compile-seccomp.ts';
import {
  createCgroup,
  destroyCgroup,
  endPlaceholder,
  limitResources,
} from '../stages/runtime/create-cgroup.ts';
import { createState, removeState, undoState } from '../stages/runtime/create-state.ts';
import { endContainer, removeCgroup } from '../stages/runtime/end-container.ts';
import { forkExec } from '../stages/runtime/fork-exec.ts';
import { forkInit, killInit } from '../stages/runtime/fork-init.ts';
import { killForked } from '../stages/runtime/fork-process.ts';
import {
  createResctrlGroup,
  joinResctrlGroup,
  removeResctrlGroup,
  wantsResctrl,
} from '../stages/runtime/join-resctrl.ts';
import { createsUserNamespace, mapIds } from '../stages/runtime/map-ids.ts';
import {
  hasNetDevices,
  moveNetDevices,
  returnNetDevices,
} from '../stages/runtime/move-net-devices.ts';
import {
  closeMountSources,
  needsMountSources,
  openMountSources,
} from '../stages/runtime/open-mount-sources.ts';
import { poststopHooks, runtimeHooks, wantsHooks } from '../stages/runtime/runtime-hooks.ts';
import { removePidFile, saveState } from '../stages/runtime/save-state.ts';
import { hasOomScore, setOomScore } from '../stages/runtime/set-oom-score.ts';
import { setProcessLimits } from '../stages/runtime/set-process-limits.ts';
import { validateConfig } from '../stages/runtime/validate-config.ts';
import type { Launch } from './context.ts';
import type { Stage } from './stage.ts';

/*
 * A container's life, in order. Span names, event names, `davit stages`, the plugin types and the
 * documentation derive from these lists; runtime and init both walk them, taking turns.
 */

const makes =
  (type: NamespaceType) =>
  ({ spec }: Launch): boolean =>
    makesNamespace(spec.linux, type);

const has =
  (type: NamespaceType) =>
  ({ spec }: Launch): boolean =>
    hasNamespace(spec.linux, type);

const hasMountNamespace = has('mount');

const installsSeccomp = ({ spec }: Launch): boolean => spec.linux?.seccomp !== undefined;

const compilingSeccomp = {
  name: 'compileSeccomp',
  summary: 'compiles the seccomp filter',
  side: 'runtime',
  applies: installsSeccomp,
  run: compileSeccompFilter,
} as const satisfies Stage;

const settingOomScore = {
  name: 'setOomScore',
  summary: 'sets the OOM score adjustment',
  side: 'runtime',
  applies: hasOomScore,
  run: setOomScore,
} as const satisfies Stage;

const settingProcessLimits = {
  name: 'setProcessLimits',
  summary: 'makes room for rlimits, which the last system calls set',
  side: 'runtime',
  applies: ({ spec }) => Boolean(spec.process?.rlimits?.length),
  run: setProcessLimits,
} as const satisfies Stage;

const attachingCgroup = {
  name: 'attachCgroup',
  summary: 'moves into the cgroup, but for memory',
  side: 'container',
  run: attachCgroup,
} as const satisfies Stage;

const attachingMemoryCgroup = {
  name: 'attachMemoryCgroup',
  summary: 'moves into the memory cgroup, now that setting up is over',
  side: 'container',
  run: attachMemoryCgroup,
  calls: attachMemoryCalls,
} as const satisfies Stage;

const enteringUserNamespace = {
  name: 'enterUserNamespace',
  summary: "becomes the user namespace's root",
  side: 'container',
  applies: has('user'),
  run: enterUserNamespace,
} as const satisfies Stage;

const protectingInit = {
  name: 'protectInit',
  summary: 'keeps other processes from tracing init',
  side: 'container',
  run: protectInit,
} as const satisfies Stage;

const joiningSessionKeyring = {
  name: 'joinSessionKeyring',
  summary: 'starts a session keyring of its own',
  side: 'container',
  applies: ({ options }) => !options.noNewKeyring,
  run: joinSessionKeyring,
} as const satisfies Stage;

const openingProcfs = {
  name: 'openProcfs',
  summary: 'opens a procfs out of the reach of the container',
  side: 'container',
  run: openProcfs,
} as const satisfies Stage;

const settingUpConsole = {
  name: 'setupConsole',
  summary: 'opens the terminal and hands its master end over',
  side: 'container',
  applies: ({ spec }) => spec.process?.terminal === true,
  run: setupConsole,
} as const satisfies Stage;

const executing = {
  name: 'exec',
  summary: 'executes the program',
  side: 'container',
  execs: true,
  run: execProgram,
  calls: execCalls,
} as const satisfies Stage;

/** How a process that is in its namespaces becomes able to execute its program and nothing more. */
const becomeProgram = [
  {
    name: 'setScheduler',
    summary: 'sets the scheduling policy and its attributes',
    side: 'container',
    applies: ({ spec }) => spec.process?.scheduler !== undefined,
    run: setScheduler,
  },
  {
    name: 'setIoPriority',
    summary: 'sets the I/O scheduling class and priority',
    side: 'container',
    applies: ({ spec }) => spec.process?.ioPriority !== undefined,
    run: setIoPriority,
  },
  {
    name: 'setPersonality',
    summary: 'sets the execution domain',
    side: 'container',
    applies: ({ spec }) => spec.linux?.personality !== undefined,
    run: setPersonality,
  },
  {
    name: 'setMemoryPolicy',
    summary: 'sets the NUMA memory policy',
    side: 'container',
    applies: ({ spec }) => spec.linux?.memoryPolicy !== undefined,
    run: setMemoryPolicy,
  },
  {
    name: 'setNoNewPrivileges',
    summary: 'gives up gaining privileges by exec',
    side: 'container',
    applies: ({ spec }) => spec.process?.noNewPrivileges === true,
    run: setNoNewPrivileges,
  },
  {
    name: 'setProcessLabels',
    summary: 'sets the AppArmor profile and the SELinux label of the program',
    side: 'container',
    applies: ({ spec }) => Boolean(spec.process?.apparmorProfile || spec.process?.selinuxLabel),
    run: setProcessLabels,
  },
  {
    name: 'installSeccomp',
    summary: 'installs the seccomp filter, unless the program’s last system calls do',
    side: 'container',
    applies: installsSeccomp,
    run: installSeccomp,
  },
  {
    name: 'enterWorkingDirectory',
    summary: 'changes to the working directory, with the permissions of root',
    side: 'container',
    run: enterWorkingDirectory,
  },
  {
    name: 'dropCapabilities',
    summary: 'becomes the user and gives up capabilities',
    side: 'container',
    run: dropCapabilities,
  },
  {
    name: 'verifyWorkingDirectory',
    summary: 'makes sure that the working directory is inside the container',
    side: 'container',
    run: verifyWorkingDirectory,
  },
  {
    name: 'findProgram',
    summary: 'finds the program to execute',
    side: 'container',
    run: findProgram,
  },
  {
    name: 'restrictAccess',
    summary: 'restricts access to files by Landlock',
    side: 'container',
    applies: ({ spec }) => hasLandlock(spec),
    run: restrictAccess,
  },
] as const satisfies readonly Stage[];

/** From `davit create` to `created`. */
export const createStages = [
  {
    name: 'validateConfig',
    summary: 'checks config.json, and what it names on the host',
    side: 'runtime',
    run: validateConfig,
  },
  {
    name: 'adjustConfig',
    summary: 'lets plugins adjust the configuration, and checks it again',
    side: 'runtime',
    applies: ({ extensions }) => extensions?.adjust !== undefined,
    run: adjustConfig,
  },
  {
    name: 'createState',
    summary: 'claims the id and makes the state directory',
    side: 'runtime',
    run: createState,
    undo: undoState,
  },
  {
    name: 'createCgroup',
    summary: 'makes the cgroup in every hierarchy',
    side: 'runtime',
    run: createCgroup,
    undo: destroyCgroup,
  },
  {
    name: 'limitResources',
    summary: 'sets the limits of the cgroup',
    side: 'runtime',
    run: limitResources,
  },
  compilingSeccomp,
  {
    name: 'forkInit',
    summary: 'forks init into its namespaces, new and joined',
    side: 'runtime',
    run: (ctx) => forkInit(ctx, initStages),
    undo: killInit,
  },
  {
    name: 'mapIds',
    summary: 'writes the uid and gid maps of the user namespace',
    side: 'runtime',
    applies: createsUserNamespace,
    run: mapIds,
  },
  {
    name: 'openMountSources',
    summary: 'starts what opens bind sources that init cannot reach, and maps their ids',
    side: 'runtime',
    applies: needsMountSources,
    run: openMountSources,
    undo: closeMountSources,
  },
  settingOomScore,
  settingProcessLimits,
  {
    name: 'createResctrlGroup',
    summary: 'divides caches and memory bandwidth: linux.intelRdt',
    side: 'runtime',
    applies: wantsResctrl,
    run: (ctx) => createResctrlGroup(ctx),
    undo: removeResctrlGroup,
  },
  {
    name: 'moveNetDevices',
    summary: 'moves network devices into the network namespace',
    side: 'runtime',
    applies: hasNetDevices,
    run: moveNetDevices,
    undo: returnNetDevices,
  },
  attachingCgroup,
  {
    name: 'resetCpuAffinity',
    summary: 'lets init run on all CPUs of its cgroup',
    side: 'container',
    run: resetCpuAffinity,
  },
  enteringUserNamespace,
  protectingInit,
  {
    name: 'enterCgroupNamespace',
    summary: 'makes the cgroup namespace, rooted at the cgroup',
    side: 'container',
    applies: makes('cgroup'),
    run: enterCgroupNamespace,
  },
  joiningSessionKeyring,
  {
    name: 'bringUpLoopback',
    summary: 'brings lo up in a new network namespace',
    side: 'container',
    applies: createsNetworkNamespace,
    run: bringUpLoopback,
  },
  openingProcfs,
  {
    name: 'prepareRootfs',
    summary: 'sets mount propagation and binds the rootfs on itself',
    side: 'container',
    run: prepareRootfs,
  },
  { name: 'mounts', summary: 'makes the mounts', side: 'container', run: makeMounts },
  {
    name: 'closeMountSources',
    summary: 'ends what opened bind sources',
    side: 'runtime',
    applies: needsMountSources,
    run: closeMountSources,
  },
  {
    name: 'devices',
    summary: 'makes the device nodes and the links of /dev',
    side: 'container',
    run: createDevices,
  },
  {
    name: 'prestartHooks',
    summary: 'runs the prestart hooks',
    side: 'runtime',
    applies: wantsHooks('prestart'),
    run: runtimeHooks('prestart', 'creating'),
  },
  {
    name: 'createRuntimeHooks',
    summary: 'runs the createRuntime hooks',
    side: 'runtime',
    applies: wantsHooks('createRuntime'),
    run: runtimeHooks('createRuntime', 'creating'),
  },
  {
    name: 'createContainerHooks',
    summary: 'runs the createContainer hooks, in the container’s namespaces',
    side: 'container',
    applies: wantsHooks('createContainer'),
    run: createContainerHooks,
  },
  { name: 'pivotRoot', summary: 'makes the rootfs the root', side: 'container', run: pivotRoot },
  {
    name: 'rootfsPropagation',
    summary: 'sets the propagation of the root mount that was asked for',
    side: 'container',
    applies: wantsRootfsPropagation,
    run: setRootfsPropagation,
  },
  {
    name: 'reopenDevNull',
    summary: "moves stdio from the host's /dev/null to the container's",
    side: 'container',
    applies: hasMountNamespace,
    run: reopenDevNull,
  },
  {
    name: 'makeWorkingDirectory',
    summary: 'makes the working directory where the rootfs lacks it',
    side: 'container',
    run: makeWorkingDirectory,
  },
  settingUpConsole,
  {
    name: 'readonlyRootfs',
    summary: 'makes the rootfs read-only',
    side: 'container',
    applies: hasReadonlyRootfs,
    run: makeRootfsReadonly,
  },
  {
    name: 'hostname',
    summary: 'sets the hostname',
    side: 'container',
    applies: ({ spec }) => Boolean(spec.hostname),
    run: setHostname,
  },
  {
    name: 'domainname',
    summary: 'sets the NIS domain name',
    side: 'container',
    applies: ({ spec }) => Boolean(spec.domainname),
    run: setDomainname,
  },
  {
    name: 'sysctl',
    summary: 'writes the sysctls',
    side: 'container',
    applies: ({ spec }) => Object.keys(spec.linux?.sysctl ?? {}).length > 0,
    run: setSysctls,
  },
  {
    name: 'readonlyPaths',
    summary: 'makes paths read-only',
    side: 'container',
    applies: (launch) =>
      hasMountNamespace(launch) && (launch.spec.linux?.readonlyPaths?.length ?? 0) > 0,
    run: makePathsReadonly,
  },
  {
    name: 'maskedPaths',
    summary: 'hides paths',
    side: 'container',
    applies: (launch) =>
      hasMountNamespace(launch) && (launch.spec.linux?.maskedPaths?.length ?? 0) > 0,
    run: maskPaths,
  },
  ...becomeProgram,
  attachingMemoryCgroup,
  {
    name: 'endPlaceholder',
    summary: "ends the process that systemd's scope was made around",
    side: 'runtime',
    applies: ({ systemdCgroup }) => systemdCgroup,
    run: endPlaceholder,
  },
  {
    name: 'saveState',
    summary: 'records the container as created',
    side: 'runtime',
    run: saveState,
    undo: removePidFile,
  },
] as const satisfies readonly Stage[];

/** From `davit start` to `running`. */
export const startStages = [
  {
    name: 'startWait',
    summary: 'waits for davit start',
    side: 'container',
    takesTurn: true,
    run: startWait,
    calls: startWaitCalls,
  },
  {
    name: 'startContainerHooks',
    summary: 'runs the startContainer hooks, inside the container',
    side: 'container',
    applies: wantsHooks('startContainer'),
    run: startContainerHooks,
  },
  executing,
  {
    name: 'poststartHooks',
    summary: 'runs the poststart hooks',
    side: 'runtime',
    applies: wantsHooks('poststart'),
    run: runtimeHooks('poststart', 'running'),
  },
] as const satisfies readonly Stage[];

/** All of `davit exec`. */
export const execStages = [
  compilingSeccomp,
  {
    name: 'forkExec',
    summary: "forks a process into the namespaces of the container's init",
    side: 'runtime',
    run: (ctx) => forkExec(ctx, execProcessStages),
    undo: killForked,
  },
  settingOomScore,
  settingProcessLimits,
  {
    name: 'joinResctrlGroup',
    summary: 'moves it into the resctrl group of the container',
    side: 'runtime',
    applies: wantsResctrl,
    run: joinResctrlGroup,
  },
  {
    name: 'initialCpuAffinity',
    summary: 'binds it to the CPUs asked for until it is in the cgroup',
    side: 'container',
    applies: ({ spec }) => Boolean(spec.process?.execCPUAffinity?.initial),
    run: setInitialCpuAffinity,
  },
  attachingCgroup,
  {
    name: 'finalCpuAffinity',
    summary: 'binds it to the CPUs asked for, or to all of the cgroup',
    side: 'container',
    run: setFinalCpuAffinity,
  },
  enteringUserNamespace,
  protectingInit,
  joiningSessionKeyring,
  openingProcfs,
  settingUpConsole,
  ...becomeProgram,
  attachingMemoryCgroup,
  {
    name: 'announceExec',
    summary: 'writes the pid file and sends the pidfd',
    side: 'runtime',
    applies: ({ options }) => Boolean(options.pidFile || options.pidfdSocket),
    run: announceExec,
    undo: removePidFile,
  },
  executing,
] as const satisfies readonly Stage[];

/** What `delete` does first where the container still runs. */
export const killStages = [
  {
    name: 'endContainer',
    summary: 'kills init and waits for its end',
    side: 'runtime',
    run: endContainer,
  },
] as const satisfies readonly Stage[];

/** From `davit delete` on. */
export const deleteStages = [
  {
    name: 'removeCgroup',
    summary: 'kills what is left in the cgroup and removes it',
    side: 'runtime',
    run: removeCgroup,
  },
  {
    name: 'removeResctrlGroup',
    summary: 'removes the resctrl group',
    side: 'runtime',
    applies: wantsResctrl,
    run: removeResctrlGroup,
  },
  {
    name: 'removeState',
    summary: 'removes the state directory, which frees the id',
    side: 'runtime',
    run: removeState,
  },
  {
    name: 'poststopHooks',
    summary: 'runs the poststop hooks',
    side: 'runtime',
    applies: wantsHooks('poststop'),
    run: poststopHooks,
  },
] as const satisfies readonly Stage[];

/** Every list by the command that runs it. */
export const lifecycle = {
  create: createStages,
  start: startStages,
  exec: execStages,
  kill: killStages,
  delete: deleteStages,
} as const;

type Listed = (typeof lifecycle)[keyof typeof lifecycle][number];

export type StageName = Listed['name'];
export type RuntimeStageName = Extract<Listed, { side: 'runtime' }>['name'];
export type ContainerStageName = Extract<Listed, { side: 'container' }>['name'];

/** Of all stages, each once. */
export const stageNames = (): StageName[] => [
  ...new Set(
    Object.values(lifecycle)
      .flat()
      .map(({ name }) => name),
  ),
];

/** All that init walks, from its fork to the program. */
const initStages = (): readonly Stage[] => [
  ...stagesAfter('forkInit', createStages),
  ...startStages,
];

/** The same of a process that joins a container. */
const execProcessStages = (): readonly Stage[] => stagesAfter('forkExec', execStages);

const stagesAfter = (name: string, list: readonly Stage[]): readonly Stage[] =>
  list.slice(list.findIndex((stage) => stage.name === name) + 1);
