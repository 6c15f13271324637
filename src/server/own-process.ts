import { readFileSync, statfsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { hasNamespace, joinsNamespace, makesNamespace } from '../config/has-namespace.ts';
import { hasLandlock } from '../config/landlock.ts';
import { parseSpec } from '../config/load.ts';
import { HOOK_NAMES } from '../config/names/hook-names.ts';
import type { Spec } from '../config/types.ts';
import { hasHooks } from '../hooks/hook-calls.ts';
import { redirectsHooks } from '../hooks/hook-output.ts';
import type { RemoteParent } from '../init/parent/init-parent.ts';
import { canShowPidNamespace } from '../rootfs/joined-procfs.ts';
import { usesNotify } from '../seccomp/notify.ts';
import type { ContainerRequest } from '../state/container.ts';
import { findRecord, stateDirOf } from '../state/store.ts';

/*
 * Why the server leaves a command that makes a process to its caller. Decided before anything is
 * done. Each function returns undefined where the server can do it.
 */

/** What all of these commands ask for. */
interface ProcessRequest extends ContainerRequest {
  preserveFds: number;
  consoleSocket?: string;
}

interface LaunchToJudge extends ProcessRequest {
  bundle: string;
  configFile?: string;
  cgroupManager: string;
  rootless: boolean;
}

interface ExecToJudge extends ProcessRequest {
  processFile?: string;
  tty: boolean;
  processLabel?: string;
}

/** Fds below this are enough for what init gets beside --preserve-fds: see MAX_CHILD_FDS. */
const LEAST_FDS = 128;

/** For `create` and `run`. */
export function whyOwnLaunch(
  request: LaunchToJudge,
  parent: RemoteParent | undefined,
): string | undefined {
  const { bundle, configFile = join(bundle, 'config.json') } = request;
  return (
    whyOwnCaller(request, parent) ??
    mayBlock(configFile) ??
    judged(
      configFile,
      (spec) =>
        whyOwnSpec(spec) ??
        whyOwnTerminal(request, spec.process?.terminal) ??
        whyOwnInit(spec, request),
    )
  );
}

/** For `exec`. */
export function whyOwnExec(
  request: ExecToJudge,
  parent: RemoteParent | undefined,
): string | undefined {
  const { root, id, processFile, tty, processLabel } = request;
  if (processLabel) return LABELLED;
  return (
    whyOwnCaller(request, parent) ??
    (processFile && mayBlock(processFile)) ??
    whyOwnTerminal(request, tty) ??
    judged(configOf(root, id), whyOwnSpec) ??
    whyOwnCgroup(request)
  );
}

/** For `start`. */
export function whyOwnStart(
  container: ContainerRequest,
  parent: RemoteParent | undefined,
): string | undefined {
  const { root, id } = container;
  return judged(configOf(root, id), (spec) => {
    if (printsHooks(spec)) return HOOKS_PRINT;
    if (!hasHooks(spec, 'startContainer')) return undefined;
    // These are processes in the container, as those of `exec` are.
    return (
      whyOwnCaller({ ...container, preserveFds: 0 }, parent) ??
      whyOwnSpec(spec) ??
      whyOwnCgroup(container)
    );
  });
}

/** For `delete`. */
export const whyOwnDelete = ({ root, id }: ContainerRequest): string | undefined =>
  judged(configOf(root, id), (spec) => (printsHooks(spec) ? HOOKS_PRINT : undefined));

function whyOwnCgroup({ root, id }: ContainerRequest): string | undefined {
  const record = findRecord(root, id);
  return record?.rootless && record.cgroup?.driver === 'systemd' ? BY_SYSTEMD : undefined;
}

const LABELLED = 'an SELinux label is for the process that sets it';
const BY_SYSTEMD = 'the systemd of its user moves its processes';
const HOOKS_PRINT = 'its hooks print to files, which may block';

const printsHooks = (spec: Spec): boolean =>
  redirectsHooks(spec) && HOOK_NAMES.some((name) => hasHooks(spec, name));

function whyOwnCaller(
  { preserveFds }: ProcessRequest,
  parent: RemoteParent | undefined,
): string | undefined {
  if (!parent) return 'its processes descend from the caller';
  const least = LEAST_FDS + preserveFds;
  if (parent.nofileLimit.soft < least) return `its RLIMIT_NOFILE is below ${least}`;
  return undefined;
}

const whyOwnTerminal = (
  { consoleSocket }: ProcessRequest,
  terminal: boolean | undefined,
): string | undefined =>
  terminal && !consoleSocket ? 'it uses the terminal of its caller' : undefined;

/** For a process of any kind. */
function whyOwnSpec(spec: Spec): string | undefined {
  const { linux, process: program } = spec;
  if (!makesNamespace(linux, 'pid')) return 'the container has no pid namespace of its own';
  if (linux?.seccomp && usesNotify(linux.seccomp)) return 'a seccomp agent takes part';
  if (program?.selinuxLabel) return LABELLED;
  if (hasLandlock(spec)) return 'Landlock restricts the process that asks for it';
  return undefined;
}

function whyOwnInit(
  spec: Spec,
  { bundle, cgroupManager, rootless }: LaunchToJudge,
): string | undefined {
  if (rootless && cgroupManager === 'systemd') return BY_SYSTEMD;
  if (printsHooks(spec)) return HOOKS_PRINT;
  if (!hasNamespace(spec.linux, 'mount') || joinsNamespace(spec.linux, 'mount')) {
    return 'the container has no mount namespace of its own';
  }
  if (makesBetween(spec)) return 'the namespaces that it makes come after those that it joins';
  if (hasTimeOffsets(spec)) return 'the offsets of its clocks are set before init is made';
  if (spec.linux?.netDevices) return 'network devices move to the container';
  if (!canShowPidNamespace()) return 'a server needs Linux 6.18 to mount a procfs for a container';
  const sources = (spec.mounts ?? [])
    .filter(({ options = [] }) => options.some((option) => /^r?(bind|idmap)$/.test(option)))
    .map(({ source }) => source);
  const paths = [spec.root?.path, ...sources].filter((path) => path !== undefined);
  return [bundle, ...paths.map((path) => resolve(bundle, path))].map(isAnswered).find(Boolean);
}

/** New namespaces belong to the user namespace; a new one has no rights in those of the host. */
const makesBetween = ({ linux }: Spec): boolean =>
  hasNamespace(linux, 'user') && (linux?.namespaces ?? []).some(({ path }) => path);

const hasTimeOffsets = ({ linux }: Spec): boolean =>
  Object.keys(linux?.timeOffsets ?? {}).length > 0;

const configOf = (root: string, id: string): string => join(stateDirOf(root, id), 'config.json');

/** A configuration that cannot be read is the command's to report. */
function judged(file: string, judge: (spec: Spec) => string | undefined): string | undefined {
  let spec: Spec;
  try {
    spec = specOf(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
  try {
    return judge(spec);
  } catch (error) {
    return `its configuration is invalid: ${(error as Error).message}`;
  }
}

/** What was judged last: the commands of a container's life judge the same configuration. */
let last: { text: string; spec: Spec } | undefined;

/** The configuration is for judging only: nobody may change it. */
function specOf(text: string): Spec {
  if (last?.text !== text) last = { text, spec: parseSpec(text) };
  return last.spec;
}

/** To read anything but a regular file may block. */
function mayBlock(file: string): string | undefined {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found && !found.isFile()) return `${file} may block`;
  return found && isAnswered(dirname(file));
}

/** statfs.f_type of file systems that processes or other machines answer for (linux/magic.h). */
const ANSWERED = new Map([
  [0x65735546, 'FUSE'],
  [0x6969, 'NFS'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB'],
  [0x01021997, '9P'],
  [0x00c36400, 'Ceph'],
]);

function isAnswered(path: string): string | undefined {
  try {
    const name = ANSWERED.get(statfsSync(path).type);
    return name && `${path} is on ${name}, which may block`;
  } catch {
    return undefined;
  }
}
