import type { Process, Rlimit } from '../../config/types.ts';
import { limitsOf } from '../../process/rlimits.ts';
import { F_SETFD, FD_CLOEXEC } from '../../syscalls/files/fcntl.ts';
import { O_CLOEXEC } from '../../syscalls/files/file.ts';
import { encodeLimits, type Limits, RLIMITS } from '../../syscalls/task/rlimit.ts';
import { cString } from './blob.ts';
import { PREVIOUS_RESULT, type TrampolineCall } from './build-trampoline.ts';
import { resetSignals } from './signal-calls.ts';

const O_WRONLY = 1;

/** What a program's last system calls depend on. */
interface LastCallsPlan {
  process: Process;
  /** The fd on which failures are reported. */
  reportFd: number;
  /** RLIMIT_NOFILE to go back to, unless process.rlimits has one. */
  nofileLimit: Limits;
  /** A procfs handle, for labels. */
  procfs: number;
  /**
   * The trampoline forks, which RLIMIT_NPROC might forbid: {@link processCountCalls} come later.
   */
  forks?: boolean | undefined;
  /** Where below /proc/PID AppArmor's attributes are: `attr/apparmor/`. */
  appArmorDirectory?: string | undefined;
}

/**
 * The calls that remain when Node is gone, in order. They reset Node's signals, set the program's
 * limits, under which Node could not run, and its labels, which apply to the next exec. exec closes
 * the report fd, by which the runtime learns of it.
 */
export function lastCalls(plan: LastCallsPlan): TrampolineCall[] {
  return [
    { syscall: 'fcntl', arguments: [{ fd: plan.reportFd }, F_SETFD, FD_CLOEXEC] },
    ...resetSignals(),
    ...rlimitCalls(plan),
    ...labelCalls(plan),
  ];
}

function rlimitCalls(plan: LastCallsPlan): TrampolineCall[] {
  const { rlimits = [] } = plan.process;
  const { nofileLimit, forks } = plan;
  const calls = setRlimits(plan.process, ({ type }) => !forks || type !== 'RLIMIT_NPROC');
  if (rlimits.some(({ type }) => type === 'RLIMIT_NOFILE')) return calls;
  return [rlimitCall('RLIMIT_NOFILE', nofileLimit), ...calls];
}

/** Sets RLIMIT_NPROC where process.rlimits has it. */
export const processCountCalls = (process: Process): TrampolineCall[] =>
  setRlimits(process, ({ type }) => type === 'RLIMIT_NPROC');

const setRlimits = (
  { rlimits = [] }: Process,
  which: (rlimit: Rlimit) => boolean,
): TrampolineCall[] =>
  rlimits.flatMap((rlimit, i) =>
    which(rlimit)
      ? [{ ...rlimitCall(rlimit.type, limitsOf(rlimit)), configPath: `process.rlimits[${i}]` }]
      : [],
  );

function rlimitCall(type: Rlimit['type'], limits: Limits): TrampolineCall {
  return {
    syscall: 'prlimit64',
    arguments: [0, RLIMITS[type], { bytes: encodeLimits(limits) }, 0],
  };
}

/** The trampoline opens the files: the kernel refuses attr files that another program opened. */
function labelCalls(plan: LastCallsPlan): TrampolineCall[] {
  const { apparmorProfile, selinuxLabel } = plan.process;
  const { procfs, appArmorDirectory = 'attr/' } = plan;
  const calls: TrampolineCall[] = [];
  if (selinuxLabel) {
    calls.push(...writeAttribute(procfs, 'attr/exec', selinuxLabel, 'process.selinuxLabel'));
  }
  if (apparmorProfile) {
    const path = `${appArmorDirectory}exec`;
    const value = `exec ${apparmorProfile}`;
    calls.push(...writeAttribute(procfs, path, value, 'process.apparmorProfile'));
  }
  if (calls.length > 0) calls.push({ syscall: 'close', arguments: [{ fd: procfs }] });
  return calls;
}

function writeAttribute(
  procfs: number,
  path: string,
  value: string,
  configPath: string,
): TrampolineCall[] {
  const bytes = Buffer.from(value);
  return [
    {
      syscall: 'openat',
      arguments: [{ fd: procfs }, cString(`thread-self/${path}`), O_WRONLY | O_CLOEXEC, 0],
      configPath,
    },
    { syscall: 'write', arguments: [PREVIOUS_RESULT, { bytes }, bytes.length], configPath },
  ];
}
