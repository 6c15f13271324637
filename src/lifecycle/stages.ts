import { hasNamespace, makesNamespace } from '../config/has-namespace.ts';
import { hasLandlock } from '../config/landlock.ts';
import type { NamespaceType } from '../config/names/namespace-types.ts';
import type { AppliesContext } from '../context/applies-context.ts';
import type { OnFailure } from '../context/cleanup.ts';
import type {
  CheckpointContext,
  CommandContext,
  ContainerContext,
  DeleteContext,
  ExecContext,
  ForkedContext,
  KillContext,
  LaunchContext,
  PreparedContext,
  ReadContext,
  RestoreContext,
  RuntimeContext,
  StartContext,
  StoredContext,
  UpdateContext,
} from '../context/context.ts';
import type { InitContext } from '../context/init-context.ts';
import { container, request, runtime, type Stage, undoable } from '../context/stage.ts';
import {
  attachCgroup,
  attachMemoryCalls,
  attachMemoryCgroup,
} from '../stages/cgroup/attach-cgroup.ts';
import { createCgroup, endPlaceholder, limitResources } from '../stages/cgroup/create-cgroup.ts';
import { delegateCgroup, delegatesCgroup } from '../stages/cgroup/delegate-cgroup.ts';
import { enterCgroupNamespace } from '../stages/cgroup/enter-cgroup-namespace.ts';
import {
  checkNotStopped,
  checkPaused,
  freezeCgroup,
  thawCgroup,
} from '../stages/cgroup/freezer.ts';
import { joinCgroupNamespace } from '../stages/cgroup/join-cgroup-namespace.ts';
import {
  createResctrlGroup,
  joinResctrlGroup,
  removeResctrlGroup,
  wantsResctrl,
} from '../stages/cgroup/join-resctrl.ts';
import { openExecCgroup } from '../stages/cgroup/open-exec-cgroup.ts';
import { mergeLimits, saveResources, updateResources } from '../stages/cgroup/update-resources.ts';
import { checkRunning, dumpProcesses } from '../stages/checkpoint/dump-processes.ts';
import { makeImages, openImages } from '../stages/checkpoint/open-images.ts';
import { prepareCriuToDump, prepareCriuToRestore } from '../stages/checkpoint/prepare-criu.ts';
import {
  prepareRestoreRoot,
  restoreNamespaces,
  restoreProcesses,
} from '../stages/checkpoint/restore-processes.ts';
import { createDevices } from '../stages/devices/devices.ts';
import { reopenDevNull } from '../stages/devices/reopen-dev-null.ts';
import { setupConsole } from '../stages/devices/setup-console.ts';
import { setupStdio } from '../stages/devices/setup-stdio.ts';
import { containerHooks, hooksNeedRuntime } from '../stages/hooks/container-hooks.ts';
import { createContainerHooksInInit } from '../stages/hooks/hooks-in-init.ts';
import { needsHookOutput, openInitsHookOutput } from '../stages/hooks/open-hook-output.ts';
import { runtimeHooks, wantsHooks } from '../stages/hooks/runtime-hooks.ts';
import { connectToWaitingInit } from '../stages/init/connect-to-waiting-init.ts';
import { execCalls, execProgram } from '../stages/init/exec-program.ts';
import { findProgram } from '../stages/init/find-program.ts';
import { forkExec } from '../stages/init/fork-exec.ts';
import { forkInit } from '../stages/init/fork-init.ts';
import { protectInit } from '../stages/init/protect-init.ts';
import { sendSignal } from '../stages/init/send-signal.ts';
import { startWait, startWaitCalls } from '../stages/init/start-wait.ts';
import { makeMounts } from '../stages/mounts/mounts.ts';
import {
  closeMountSources,
  needsMountSources,
  openMountSources,
} from '../stages/mounts/open-mount-sources.ts';
import { setDomainname } from '../stages/namespaces/domainname.ts';
import {
  enterPidNamespace,
  enterPidNamespaceCalls,
  joinsPidNamespace,
} from '../stages/namespaces/enter-pid-namespace.ts';
import { becomeRoot, enterUserNamespace } from '../stages/namespaces/enter-user-namespace.ts';
import { setHostname } from '../stages/namespaces/hostname.ts';
import { bringUpLoopback } from '../stages/namespaces/loopback.ts';
import { mapIds } from '../stages/namespaces/map-ids.ts';
import { hasNetDevices, moveNetDevices } from '../stages/namespaces/move-net-devices.ts';
import { setSysctls } from '../stages/namespaces/sysctl.ts';
import { compileSeccompFilter } from '../stages/process/compile-seccomp.ts';
import { dropCapabilities } from '../stages/process/drop-capabilities.ts';
import { installSeccomp, installSeccompCalls } from '../stages/process/install-seccomp.ts';
import { setNoNewPrivileges } from '../stages/process/no-new-privileges.ts';
import { restrictAccess } from '../stages/process/restrict-access.ts';
import { joinSessionKeyring, startSessionKeyring } from '../stages/process/session-keyring.ts';
import {
  resetCpuAffinity,
  setFinalCpuAffinity,
  setInitialCpuAffinity,
} from '../stages/process/set-cpu-affinity.ts';
import { setIoPriority } from '../stages/process/set-io-priority.ts';
import { setMemoryPolicy } from '../stages/process/set-memory-policy.ts';
import { hasOomScore, setOomScore } from '../stages/process/set-oom-score.ts';
import { setPersonality } from '../stages/process/set-personality.ts';
import { setProcessLabels } from '../stages/process/set-process-labels.ts';
import { setProcessLimits } from '../stages/process/set-process-limits.ts';
import {
  hasScheduler,
  needsSchedulerAfterFork,
  setScheduler,
  setSchedulerAfterFork,
} from '../stages/process/set-scheduler.ts';
import {
  enterWorkingDirectory,
  makeWorkingDirectory,
  verifyWorkingDirectory,
} from '../stages/process/working-directory.ts';
import { maskPaths } from '../stages/rootfs/masked-paths.ts';
import { openProcfs } from '../stages/rootfs/open-procfs.ts';
import { pivotRoot } from '../stages/rootfs/pivot-root.ts';
import { prepareRootfs } from '../stages/rootfs/prepare-rootfs.ts';
import { makePathsReadonly } from '../stages/rootfs/readonly-paths.ts';
import { hasReadonlyRootfs, makeRootfsReadonly } from '../stages/rootfs/readonly-rootfs.ts';
import {
  setRootfsPropagation,
  wantsRootfsPropagation,
} from '../stages/rootfs/rootfs-propagation.ts';
import { adjustConfig, hasConfigInterceptors } from '../stages/state/adjust-config.ts';
import { announceExec } from '../stages/state/announce-exec.ts';
import { connectExecToCaller, connectToCaller } from '../stages/state/connect-to-caller.ts';
import { createState, removeState } from '../stages/state/create-state.ts';
import { endContainer, removeCgroup } from '../stages/state/end-container.ts';
import { loadConfig } from '../stages/state/load-config.ts';
import {
  checkDeletable,
  loadConfigToCheckpoint,
  loadConfigToDelete,
  loadConfigToExec,
  loadConfigToStart,
} from '../stages/state/load-kept-config.ts';
import { checkCreated, checkJoinable, readState } from '../stages/state/read-state.ts';
import { saveState } from '../stages/state/save-state.ts';
import { isNotifyService, shareNotifySocket } from '../stages/state/share-notify-socket.ts';
import { validateConfig } from '../stages/state/validate-config.ts';
import { runStages } from './engine.ts';
import type { After } from './phases.ts';

/*
 * A container's life, in order. Span names, event names, `davit stages`, the plugin types and the
 * documentation derive from these lists; runtime and init both walk them, taking turns.
 */

const makes =
  (type: NamespaceType) =>
  ({ spec }: AppliesContext): boolean =>
    makesNamespace(spec.linux, type);

const has =
  (type: NamespaceType) =>
  ({ spec }: AppliesContext): boolean =>
    hasNamespace(spec.linux, type);

const wantsKeyring = ({ options }: AppliesContext): boolean => !options.noNewKeyring;

/** Only if the container has its own mount namespace: covering a path is a mount. */
const covers =
  (field: 'maskedPaths' | 'readonlyPaths') =>
  ({ spec }: AppliesContext): boolean =>
    hasNamespace(spec.linux, 'mount') && Boolean(spec.linux?.[field]?.length);

const READ_STATE = 'reads the container’s state';
const READ_CONFIG = 'reads the configuration in the state directory';

const installsSeccomp = ({ spec }: AppliesContext): boolean => spec.linux?.seccomp !== undefined;

/** Stages that are the same for a container's init and for a process of `exec`. */
const common = {
  compileSeccomp: runtime('compileSeccomp', 'compiles the seccomp filter', compileSeccompFilter, {
    applies: installsSeccomp,
  }),
  setOomScore: runtime('setOomScore', 'sets the OOM score adjustment', setOomScore, {
    applies: hasOomScore,
  }),
  setProcessLimits: runtime(
    'setProcessLimits',
    'raises hard limits as far as process.rlimits needs',
    setProcessLimits,
    { applies: ({ spec }) => Boolean(spec.process?.rlimits?.length) },
  ),
  attachCgroup: container(
    'attachCgroup',
    'moves into the cgroup, except where it limits memory and CPU time',
    attachCgroup,
  ),
  attachMemoryCgroup: container(
    'attachMemoryCgroup',
    'moves into the cgroup where it limits memory and CPU time, after setup',
    attachMemoryCgroup,
    { calls: attachMemoryCalls },
  ),
  installSeccomp: container(
    'installSeccomp',
    'installs the seccomp filter, unless it is installed right before the program',
    installSeccomp,
    { applies: installsSeccomp, calls: installSeccompCalls },
  ),
  protectInit: container('protectInit', 'keeps other processes from tracing init', protectInit),
  openProcfs: container('openProcfs', 'opens a procfs that the container cannot reach', openProcfs),
  setupConsole: container(
    'setupConsole',
    'opens the terminal and passes on its master end',
    setupConsole,
    { applies: ({ spec }) => spec.process?.terminal === true },
  ),
  enterPidNamespace: container(
    'enterPidNamespace',
    'continues as a child, a sealed program, in a pid namespace that has other processes',
    enterPidNamespace,
    { applies: joinsPidNamespace, needsTrampoline: true, calls: enterPidNamespaceCalls },
  ),
  setSchedulerAfterFork: runtime(
    'setSchedulerAfterFork',
    'sets a scheduling policy that children do not inherit',
    setSchedulerAfterFork,
    { applies: needsSchedulerAfterFork },
  ),
  exec: container('exec', 'executes the program', execProgram, {
    execs: true,
    calls: execCalls,
  }),
};

const userNamespace = (run: (ctx: InitContext) => void) =>
  container('enterUserNamespace', "becomes the user namespace's root", run, {
    applies: has('user'),
  });

/** Prepares a process that is in its namespaces to execute its program. */
const becomeProgram = [
  container('setScheduler', 'sets the scheduling policy and its attributes', setScheduler, {
    applies: (launch) => hasScheduler(launch) && !needsSchedulerAfterFork(launch),
  }),
  container('setIoPriority', 'sets the I/O scheduling class and priority', setIoPriority, {
    applies: ({ spec }) => spec.process?.ioPriority !== undefined,
  }),
  container('setPersonality', 'sets the execution domain', setPersonality, {
    applies: ({ spec }) => spec.linux?.personality !== undefined,
  }),
  container('setMemoryPolicy', 'sets the NUMA memory policy', setMemoryPolicy, {
    applies: ({ spec }) => spec.linux?.memoryPolicy !== undefined,
  }),
  container('setNoNewPrivileges', 'sets no_new_privs', setNoNewPrivileges, {
    applies: ({ spec }) => spec.process?.noNewPrivileges === true,
  }),
  container(
    'setProcessLabels',
    'sets the AppArmor profile and the SELinux label of the program',
    setProcessLabels,
    { applies: ({ spec }) => Boolean(spec.process?.apparmorProfile || spec.process?.selinuxLabel) },
  ),
  container(
    'enterWorkingDirectory',
    'changes to the working directory, with the permissions of root',
    enterWorkingDirectory,
  ),
  container('dropCapabilities', 'switches to the user and drops capabilities', dropCapabilities),
  container(
    'verifyWorkingDirectory',
    'makes sure that the working directory is inside the container',
    verifyWorkingDirectory,
  ),
  container('findProgram', 'finds the program to execute', findProgram, {
    applies: ({ spec }) => spec.process !== undefined,
  }),
  container('restrictAccess', 'restricts access by Landlock', restrictAccess, {
    applies: ({ spec }) => hasLandlock(spec),
  }),
] as const satisfies readonly Stage<never>[];

/** The stages in which a new container claims its id and its cgroup. */
const claimStages = [
  runtime('loadConfig', 'reads config.json', loadConfig, { unprefixed: true }),
  runtime(
    'validateConfig',
    'checks config.json, and the objects of the host that it names',
    validateConfig,
  ),
  runtime(
    'adjustConfig',
    'lets plugins adjust the configuration, and checks it again',
    adjustConfig,
    { applies: hasConfigInterceptors },
  ),
  runtime(
    'connectToCaller',
    'checks and takes over the caller’s terminal or sockets',
    connectToCaller,
  ),
  undoable('createState', 'claims the id and makes the state directory', createState),
  runtime(
    'shareNotifySocket',
    'gives the container a NOTIFY_SOCKET for READY=1',
    shareNotifySocket,
    { applies: isNotifyService },
  ),
  undoable('createCgroup', 'makes the cgroup in every hierarchy', createCgroup),
  runtime('limitResources', 'sets the limits of the cgroup', limitResources),
] as const satisfies readonly Stage<never>[];

const createResctrl = undoable(
  'createResctrlGroup',
  'makes the resctrl group, which limits cache and memory bandwidth',
  (ctx: StoredContext & Pick<ForkedContext, 'init'>, onFailure: OnFailure) =>
    createResctrlGroup(ctx, onFailure),
  { applies: wantsResctrl },
);

const moveDevices = undoable(
  'moveNetDevices',
  'moves network devices into the network namespace',
  moveNetDevices,
  { applies: hasNetDevices },
);

/** The hooks that run in the runtime once the namespaces are there. */
const namespaceHooks = [
  runtime('prestartHooks', 'runs the prestart hooks', runtimeHooks('prestart', 'creating'), {
    applies: wantsHooks('prestart'),
  }),
  runtime(
    'createRuntimeHooks',
    'runs the createRuntime hooks',
    runtimeHooks('createRuntime', 'creating'),
    { applies: wantsHooks('createRuntime') },
  ),
] as const satisfies readonly Stage<never>[];

const endScopePlaceholder = runtime(
  'endPlaceholder',
  'ends the process that held systemd’s scope for init',
  endPlaceholder,
  { applies: ({ cgroupManager }) => cgroupManager === 'systemd' },
);

/** From `davit create` to `created`. */
export const createStages = [
  ...claimStages,
  common.compileSeccomp,
  runtime(
    'openHookOutput',
    'opens the files that hooks inside the container print to',
    openInitsHookOutput,
    { applies: needsHookOutput },
  ),
  undoable(
    'forkInit',
    'forks init into its namespaces, new and joined',
    (ctx: PreparedContext, onFailure: OnFailure) => forkInit(ctx, onFailure, initStages),
  ),
  runtime('mapIds', 'writes the uid and gid maps of the user namespace', mapIds, {
    applies: makes('user'),
  }),
  undoable(
    'openMountSources',
    'starts a helper that opens bind sources that init cannot reach, maps their ids, and makes devices',
    openMountSources,
    { applies: needsMountSources },
  ),
  common.setOomScore,
  common.setProcessLimits,
  createResctrl,
  moveDevices,
  common.attachCgroup,
  container('resetCpuAffinity', 'lets init run on all CPUs of its cgroup', resetCpuAffinity),
  userNamespace(enterUserNamespace),
  common.protectInit,
  container(
    'enterCgroupNamespace',
    'makes the cgroup namespace, rooted at the cgroup',
    enterCgroupNamespace,
    { applies: makes('cgroup') },
  ),
  container(
    'joinSessionKeyring',
    'makes a session keyring for the container',
    startSessionKeyring,
    {
      applies: wantsKeyring,
    },
  ),
  container('bringUpLoopback', 'brings lo up in a new network namespace', bringUpLoopback, {
    applies: makes('network'),
  }),
  common.openProcfs,
  container(
    'prepareRootfs',
    'sets mount propagation and binds the rootfs on itself',
    prepareRootfs,
  ),
  container('mounts', 'makes the mounts', makeMounts),
  container('devices', 'makes the device nodes and the links of /dev', createDevices),
  runtime('closeMountSources', 'ends the helper for bind sources and devices', closeMountSources, {
    applies: needsMountSources,
  }),
  ...namespaceHooks,
  container(
    'createContainerHooks',
    'runs the createContainer hooks, in the container’s namespaces',
    createContainerHooksInInit,
    {
      applies: (launch) => wantsHooks('createContainer')(launch) && !hooksNeedRuntime(launch),
    },
  ),
  runtime(
    'createContainerHooksInside',
    'runs the createContainer hooks from the runtime, where init cannot',
    (ctx: RuntimeContext) => containerHooks('createContainer', exec)(ctx),
    {
      applies: (launch) => wantsHooks('createContainer')(launch) && hooksNeedRuntime(launch),
    },
  ),
  container('pivotRoot', 'makes the rootfs the root', pivotRoot),
  container(
    'rootfsPropagation',
    'sets the configured propagation of the root mount',
    setRootfsPropagation,
    { applies: wantsRootfsPropagation },
  ),
  container('setupStdio', 'makes stdio of the files that a program gave', setupStdio, {
    applies: ({ stdio }) => stdio !== undefined,
  }),
  container(
    'reopenDevNull',
    "moves stdio from the host's /dev/null to the container's",
    reopenDevNull,
    { applies: has('mount') },
  ),
  container(
    'makeWorkingDirectory',
    'makes the working directory if the rootfs lacks it',
    makeWorkingDirectory,
  ),
  common.setupConsole,
  container('readonlyRootfs', 'makes the rootfs read-only', makeRootfsReadonly, {
    applies: hasReadonlyRootfs,
  }),
  container('hostname', 'sets the hostname', setHostname, {
    applies: ({ spec }) => Boolean(spec.hostname),
  }),
  container('domainname', 'sets the NIS domain name', setDomainname, {
    applies: ({ spec }) => Boolean(spec.domainname),
  }),
  container('sysctl', 'writes the sysctls', setSysctls, {
    applies: ({ spec }) => Object.keys(spec.linux?.sysctl ?? {}).length > 0,
  }),
  container('readonlyPaths', 'makes paths read-only', makePathsReadonly, {
    applies: covers('readonlyPaths'),
  }),
  container('maskedPaths', 'hides paths', maskPaths, {
    applies: covers('maskedPaths'),
  }),
  ...becomeProgram,
  common.attachMemoryCgroup,
  common.installSeccomp,
  common.enterPidNamespace,
  common.setSchedulerAfterFork,
  endScopePlaceholder,
  runtime(
    'delegateCgroup',
    'moves init to a cgroup below its own, which the container may manage',
    delegateCgroup,
    { applies: delegatesCgroup },
  ),
  undoable('saveState', 'records the container as created', saveState),
] as const satisfies readonly Stage<never>[];

/** The same stage, which ends the container if it or a later one fails. */
const orEnd =
  <Ctx extends StoredContext>(run: (ctx: Ctx) => Promise<void>) =>
  (ctx: Ctx, onFailure: OnFailure): Promise<void> => {
    onFailure.defer(() => endContainer(ctx));
    return run(ctx);
  };

const poststartHooks = undoable(
  'poststartHooks',
  'runs the poststart hooks',
  orEnd(runtimeHooks('poststart', 'running')),
  { applies: wantsHooks('poststart') },
);

/** The stages in which a created container executes its program. */
export const programStages = [
  undoable(
    'startContainerHooks',
    'runs the startContainer hooks, inside the container',
    orEnd((ctx: RuntimeContext) => containerHooks('startContainer', exec)(ctx)),
    { applies: wantsHooks('startContainer') },
  ),
  container('startWait', 'waits for davit start', startWait, {
    takesTurn: true,
    calls: startWaitCalls,
  }),
  common.exec,
  poststartHooks,
] as const satisfies readonly Stage<never>[];

/** The stages in which `davit start` reads the container's state. */
export const keptStages = [
  request('readState', READ_STATE, readState<ContainerContext>(checkCreated)),
  request('loadConfig', READ_CONFIG, loadConfigToStart),
] as const satisfies readonly Stage<never>[];

/** The stages in which `davit start` connects to init. */
export const connectStages = [
  runtime('connectToInit', 'connects to the waiting init', connectToWaitingInit, {
    unprefixed: true,
  }),
] as const satisfies readonly Stage<never>[];

/** From `davit start` to `running`. */
export const startStages = [
  ...keptStages,
  ...connectStages,
  ...programStages,
] as const satisfies readonly Stage<never>[];

/** The stages in which `davit exec` makes its process. */
const execProcessStages = [
  common.compileSeccomp,
  undoable(
    'forkExec',
    "forks a process into the namespaces of the container's init",
    (ctx: PreparedContext, onFailure: OnFailure) => forkExec(ctx, onFailure, joiningStages),
  ),
  common.setOomScore,
  common.setProcessLimits,
  runtime(
    'joinResctrlGroup',
    'moves the process into the resctrl group of the container',
    joinResctrlGroup,
    { applies: wantsResctrl },
  ),
  container(
    'initialCpuAffinity',
    'binds the process to the initial CPUs until it is in the cgroup',
    setInitialCpuAffinity,
    { applies: ({ spec }) => Boolean(spec.process?.execCPUAffinity?.initial) },
  ),
  common.attachCgroup,
  container(
    'finalCpuAffinity',
    'binds the process to the final CPUs, or to all CPUs of the cgroup',
    setFinalCpuAffinity,
  ),
  container(
    'joinCgroupNamespace',
    "enters the cgroup namespace of the container's init",
    joinCgroupNamespace,
    { applies: ({ cgroupNamespace }) => cgroupNamespace !== undefined },
  ),
  userNamespace(becomeRoot),
  common.protectInit,
  container(
    'joinSessionKeyring',
    'joins the session keyring of the container',
    joinSessionKeyring,
    { applies: wantsKeyring },
  ),
  common.openProcfs,
  common.setupConsole,
  ...becomeProgram,
  common.attachMemoryCgroup,
  common.installSeccomp,
  common.enterPidNamespace,
  common.setSchedulerAfterFork,
  undoable('announceExec', 'writes the pid file and sends the pidfd', announceExec, {
    applies: ({ options }) => Boolean(options.pidFile || options.pidfdSocket),
  }),
  common.exec,
] as const satisfies readonly Stage<never>[];

/** All of `davit exec`. */
export const execStages = [
  request('readState', READ_STATE, readState<ExecContext>(checkJoinable)),
  request(
    'loadConfig',
    'reads the configuration in the state directory, and the process to run',
    loadConfigToExec,
  ),
  {
    ...request('openCgroup', 'opens the cgroup for the process', openExecCgroup),
    applies: ({ container }: ReadContext) => container.record.cgroup !== undefined,
  },
  runtime(
    'connectToCaller',
    'checks and takes over the caller’s terminal or sockets',
    connectExecToCaller,
    { unprefixed: true },
  ),
  ...execProcessStages,
] as const satisfies readonly Stage<never>[];

/** Runs a program of the runtime in a container, as `exec` does: a hook. */
const exec = (ctx: PreparedContext): Promise<ForkedContext> => runStages(ctx, execProcessStages);

/** `davit kill`. */
export const killStages = [
  request('readState', READ_STATE, readState<KillContext>()),
  request('sendSignal', 'sends the signal to init', sendSignal),
] as const satisfies readonly Stage<never>[];

/** `davit pause`. */
export const pauseStages = [
  request('readState', READ_STATE, readState<ContainerContext>(checkNotStopped)),
  request('freezeCgroup', 'freezes every process of the container', freezeCgroup),
] as const satisfies readonly Stage<never>[];

/** `davit resume`. */
export const resumeStages = [
  request('readState', READ_STATE, readState<ContainerContext>(checkPaused)),
  request('thawCgroup', 'thaws every process of the container', thawCgroup),
] as const satisfies readonly Stage<never>[];

/** `davit update`. */
export const updateStages = [
  request('readState', READ_STATE, readState<UpdateContext>()),
  request('mergeLimits', 'checks the new limits and adds the unchanged ones', mergeLimits),
  {
    ...request('limitResources', 'changes the limits of the cgroup', updateResources),
    unprefixed: undefined,
  },
  request('saveResources', 'saves the limits in the configuration', saveResources),
] as const satisfies readonly Stage<never>[];

/** `davit checkpoint`, before the container is removed. */
export const checkpointStages = [
  request('readState', READ_STATE, readState<CheckpointContext>(checkRunning)),
  request('loadConfig', READ_CONFIG, loadConfigToCheckpoint),
  request('prepareCriu', 'finds criu, and asks for what the flags need', prepareCriuToDump),
  {
    ...undoable('openImages', 'makes and opens the directories for images and the log', makeImages),
    unprefixed: true as const,
  },
  undoable('dumpProcesses', 'saves the processes, by criu', dumpProcesses),
] as const satisfies readonly Stage<never>[];

/** From `davit restore` to `running`. */
export const restoreStages = [
  ...claimStages,
  runtime('prepareCriu', 'finds criu, and asks for what the flags need', prepareCriuToRestore, {
    unprefixed: true,
  }),
  {
    ...undoable('openImages', 'opens the directories of images and the log', openImages),
    unprefixed: true as const,
  },
  undoable(
    'prepareRestoreRoot',
    'makes mount points, and binds the rootfs for criu',
    prepareRestoreRoot,
  ),
  undoable(
    'restoreNamespaces',
    'starts criu in the cgroup, which makes the namespaces and init',
    restoreNamespaces,
  ),
  createResctrl,
  moveDevices,
  ...namespaceHooks,
  runtime('restoreProcesses', 'restores the processes, by criu', restoreProcesses),
  endScopePlaceholder,
  undoable('saveState', 'records the container as running', saveState),
  poststartHooks,
] as const satisfies readonly Stage<never>[];

/** Removes a stopped container. */
export const removeStages = [
  runtime(
    'removeCgroup',
    'kills the remaining processes of the cgroup and removes it',
    removeCgroup,
  ),
  runtime('removeResctrlGroup', 'removes the resctrl group', removeResctrlGroup, {
    applies: wantsResctrl,
  }),
  runtime('removeState', 'removes the state directory, which frees the id', removeState),
  runtime('poststopHooks', 'runs the poststop hooks', runtimeHooks('poststop', 'stopped'), {
    applies: wantsHooks('poststop'),
  }),
] as const satisfies readonly Stage<never>[];

/** `davit delete`. */
export const deleteStages = [
  request('readState', READ_STATE, readState<DeleteContext>(checkDeletable)),
  request('loadConfig', READ_CONFIG, loadConfigToDelete),
  {
    ...runtime('endContainer', 'kills init and waits for its end', endContainer),
    applies: ({ container }: ReadContext) => container.status !== 'stopped',
  },
  ...removeStages,
] as const satisfies readonly Stage<never>[];

/**
 * The context that each command has in the end. Does not compile if a stage stands before what it
 * needs: the error names both.
 */
export interface EndContexts extends Record<keyof typeof lifecycle, CommandContext> {
  create: After<LaunchContext, typeof createStages>;
  run: After<EndContexts['create'], typeof programStages>;
  start: After<StartContext, typeof startStages>;
  exec: After<ExecContext, typeof execStages>;
  kill: After<KillContext, typeof killStages>;
  pause: After<ContainerContext, typeof pauseStages>;
  resume: After<ContainerContext, typeof resumeStages>;
  update: After<UpdateContext, typeof updateStages>;
  delete: After<DeleteContext, typeof deleteStages>;
  checkpoint: After<CheckpointContext, typeof checkpointStages>;
  restore: After<RestoreContext, typeof restoreStages>;
}

/** Every list by the command that runs it. */
export const lifecycle = {
  create: createStages,
  start: startStages,
  exec: execStages,
  kill: killStages,
  pause: pauseStages,
  resume: resumeStages,
  update: updateStages,
  delete: deleteStages,
  checkpoint: checkpointStages,
  restore: restoreStages,
} as const;

type ListedStage = (typeof lifecycle)[keyof typeof lifecycle][number];

/** The commands that have stages. `run` has those of create and start. */
export type CommandName = keyof typeof lifecycle | 'run';

export type StageName = ListedStage['name'];
export type RuntimeStageName = Extract<ListedStage, { side: 'runtime' }>['name'];
export type ContainerStageName = Extract<ListedStage, { side: 'container' }>['name'];

/** The names of all stages, without duplicates. */
export const stageNames = (): StageName[] => [
  ...new Set(
    Object.values(lifecycle)
      .flat()
      .map(({ name }) => name),
  ),
];

/** The stages that init walks, from its fork on. */
const initStages = (): readonly Stage[] => [
  ...stagesAfter('forkInit', createStages),
  ...programStages,
];

/** The stages that a process of `exec` walks, from its fork on. */
const joiningStages = (): readonly Stage[] => stagesAfter('forkExec', execProcessStages);

const stagesAfter = (name: string, list: readonly Stage[]): readonly Stage[] =>
  list.slice(list.findIndex((stage) => stage.name === name) + 1);
