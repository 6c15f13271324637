import type { Process, Spec } from '../../config/types.ts';
import type { RuntimeContext } from '../../context/context.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { FieldError, type StageError } from '../../errors/stage-error.ts';
import { hasErrno, SyscallError } from '../../errors/syscall-error.ts';
import { withHint } from '../../errors/with-hint.ts';
import { MAX_EXPLANATION } from '../../machine/trampoline/table.ts';
import { missingInterpreter } from '../../process/missing-interpreter.ts';
import { filterComesLast } from '../../seccomp/filter-comes-last.ts';
import { usesNotify } from '../../seccomp/notify.ts';
import { isAlive } from '../../state/init-process.ts';
import { syscallError } from '../../syscalls/ffi/libc.ts';
import { BORN } from '../channel/protocol.ts';
import type { TrampolineCall } from './build-trampoline.ts';
import { lastCalls } from './last-calls.ts';
import { seccompCalls } from './seccomp-calls.ts';

/** The error for what a trampoline reported in a stage: the errno of the call of that index. */
export function describeExecFailure(
  { call, errno }: { call: number; errno: number },
  { execs = false }: { execs?: boolean },
  ctx: Pick<RuntimeContext, 'spec' | 'rootfs' | 'record'>,
): Error {
  const { spec, rootfs } = ctx;
  if (call === BORN) return birthFailure(errno, ctx);
  const failed = callsOf(spec, execs)[call];
  if (failed) {
    const error = syscallError(errno, failed.syscall);
    return failed.configPath ? new FieldError(failed.configPath, error) : error;
  }
  if (isOfProgram({ call }, { execs }, spec)) return execFailure(errno, spec.process!, rootfs);
  // A call of another stage: the stage's summary says what it was for.
  return syscallError(errno, '', 'one of its system calls');
}

/** True when the failed call is the program's execve. */
export const isOfProgram = (
  { call }: { call: number },
  { execs = false }: { execs?: boolean },
  spec: Spec,
): boolean => execs && call >= 0 && callsOf(spec, execs)[call] === undefined;

/** The text for the container's stderr: runc's own line, which people search for, and the hint. */
export function explanation({ cause, reason }: StageError, hint: string | undefined): string {
  const error = cause instanceof FieldError ? cause.cause : cause;
  const said = error instanceof SyscallError ? `${error.call}: ${error.reason}` : reason;
  const text = Buffer.from(`${said}\n${hint ? `${hint}\n` : ''}`);
  return text.subarray(0, MAX_EXPLANATION).toString();
}

/** No fork goes into a pid namespace whose init has ended: pid_namespaces(7). */
function birthFailure(
  errno: number,
  { record, spec }: Pick<RuntimeContext, 'record' | 'spec'>,
): Error {
  const error = syscallError(errno, 'clone', 'clone into the pid namespace');
  if (!hasErrno(error, 'ENOMEM', 'ENODEV')) return error;
  if (record.initPid === 0) {
    const index = spec.linux?.namespaces?.findIndex(({ type }) => type === 'pid');
    return new FieldError(`linux.namespaces[${index}].path`, withHint(error, NO_INIT));
  }
  return isAlive(record) ? error : new RuntimeError('cannot exec in a stopped container');
}

const NO_INIT =
  'the first process of the pid namespace has ended, so the namespace takes no further process';

function execFailure(errno: number, program: Process, rootfs: string): FieldError {
  const error = syscallError(errno, 'execve', `exec ${program.args?.[0]}`);
  // It begins with runc's line, which people and engines search for.
  error.message = `${error.call}: ${error.reason} (${error.code})`;
  const missing = error.code === 'ENOENT' ? missingInterpreter(rootfs, program) : undefined;
  const hint = missing && `its interpreter ${JSON.stringify(missing)} is not in the container`;
  return new FieldError('process.args[0]', hint ? Object.assign(error, { hint }) : error);
}

/**
 * The calls that init made, without the values that only init knew. The filter's calls follow where
 * the filter comes last, and in the filter's own stage.
 */
function callsOf(spec: Spec, execs: boolean): TrampolineCall[] {
  const { process, linux } = spec;
  if (!process) return [];
  const reportFd = -1;
  const nofileLimit = { soft: 0n, hard: 0n };
  const calls = lastCalls({ process, reportFd, procfs: -1, nofileLimit });
  if (!linux?.seccomp || (execs && !filterComesLast(spec))) return calls;
  const notify = usesNotify(linux.seccomp);
  calls.push(...seccompCalls({ program: Buffer.alloc(0), flags: 0, notify }, reportFd));
  return execs
    ? calls
    : [...calls, { syscall: 'capset', arguments: [], configPath: 'linux.seccomp' }];
}
