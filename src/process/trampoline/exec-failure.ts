import type { Spec } from '../../config/types.ts';
import { StageError } from '../../errors/stage-error.ts';
import { strerror, syscallError } from '../../syscalls/libc.ts';
import { filterComesLast } from '../seccomp/filter-comes-last.ts';
import { usesNotify } from '../seccomp/notify.ts';
import type { TrampolineCall } from './build-trampoline.ts';
import { lastCalls } from './last-calls.ts';

/** The error for what a trampoline reported: the errno of the call of that index. */
export function describeExecFailure(
  stage: string,
  { call, errno }: { call: number; errno: number },
  { spec }: { spec: Spec },
): StageError {
  if (call < 0) return earlyFailure(stage, errno);
  const failed = callsOf(spec)[call];
  const name = failed ? failed.syscall : `exec ${spec.process?.args?.[0] ?? ''}`;
  const cause = syscallError(errno, failed?.syscall ?? 'execve', name);
  return new StageError(
    stage,
    {
      message: failed ? cause.message : `${name}: ${strerror(errno)}`,
      configPath: failed ? failed.configPath : 'process.args',
      code: cause.code,
      syscall: cause.syscall,
    },
    cause,
  );
}

/** Of a call before the exec stage's own: what was asked of it is the stage's summary. */
function earlyFailure(stage: string, errno: number): StageError {
  const cause = syscallError(errno, '', '');
  return new StageError(stage, { message: strerror(errno), code: cause.code }, cause);
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
