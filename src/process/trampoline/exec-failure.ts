import type { Process, Spec } from '../../config/types.ts';
import { FieldError } from '../../errors/stage-error.ts';
import { syscallError } from '../../syscalls/libc.ts';
import { missingInterpreter } from '../missing-interpreter.ts';
import { filterComesLast } from '../seccomp/filter-comes-last.ts';
import { usesNotify } from '../seccomp/notify.ts';
import type { TrampolineCall } from './build-trampoline.ts';
import { lastCalls } from './last-calls.ts';

/** The error for what a trampoline reported: the errno of the call of that index. */
export function describeExecFailure(
  { call, errno }: { call: number; errno: number },
  { spec, rootfs }: { spec: Spec; rootfs: string },
): Error {
  // Of a call before the exec stage's own: what was asked of it is the stage's summary.
  if (call < 0) return syscallError(errno, '', '');
  const failed = callsOf(spec)[call];
  if (!failed) return execFailure(errno, spec.process!, rootfs);
  const error = syscallError(errno, failed.syscall);
  return failed.configPath ? new FieldError(failed.configPath, error) : error;
}

function execFailure(errno: number, program: Process, rootfs: string): FieldError {
  const error = syscallError(errno, 'execve', `exec ${program.args?.[0]}`);
  const missing = error.code === 'ENOENT' ? missingInterpreter(rootfs, program) : undefined;
  const hint = missing && `its interpreter ${JSON.stringify(missing)} is not in the container`;
  return new FieldError('process.args[0]', hint ? Object.assign(error, { hint }) : error);
}

/** The calls as init had them, but for values that only init knew. */
function callsOf(spec: Spec): TrampolineCall[] {
  const { process, linux } = spec;
  if (!process) return [];
  const unknown = { reportFd: -1, procfs: -1, noFile: { soft: 0n, hard: 0n } };
  const profile = filterComesLast(spec) ? linux?.seccomp : undefined;
  const seccomp = profile && {
    program: Buffer.alloc(0),
    flags: 0,
    notify: usesNotify(profile),
  };
  return lastCalls({ ...unknown, process, seccomp });
}
