import type { InitContext } from '../../context/init-context.ts';
import { isAvailable } from '../../syscalls/ffi/newer-calls.ts';
import { PR_SET_DUMPABLE, PR_SET_NAME } from '../../syscalls/task/prctl.ts';
import { cString } from './blob.ts';
import { buildTrampoline, type TrampolineCall } from './build-trampoline.ts';
import { execByPath } from './exec-by-path.ts';
import { execTrampoline } from './exec-trampoline.ts';
import { inheritFds } from './inherit-fds.ts';
import { TRAMPOLINE_COMM, TRAMPOLINE_NAME } from './trampoline-name.ts';

/**
 * Where fs.suid_dumpable is 1 the kernel lets other processes trace the trampoline, unreadable or
 * not, until it executes the program. An ordinary user's trampoline stays dumpable: otherwise
 * `davit exec` could not open its namespaces. It is sealed and without the runtime's memory: it has
 * nothing that is not the user's.
 */
export const stayUndumpable: TrampolineCall = {
  syscall: 'prctl',
  arguments: [PR_SET_DUMPABLE, 0, 0, 0, 0],
};

/** The name tells a trampoline that has ended from a program that has: endedAsTrampoline. */
export const takeName: TrampolineCall = {
  syscall: 'prctl',
  arguments: [PR_SET_NAME, cString(TRAMPOLINE_COMM), 0, 0, 0],
};

/** What a trampoline does before it executes the program. */
export interface CompiledWalk {
  calls: readonly TrampolineCall[];
  /** The number of execve in reports. */
  execIndex: number;
  /** fds that the calls need. */
  keptFds: readonly number[];
}

/** In reports, the number of a call that its stage's summary describes. */
export const NO_CALL_NUMBER = -1;

/** The fd on which a trampoline reports what failed. */
export const reportFdOf = ({ inherited, channel }: InitContext): number =>
  inherited.fifos?.report ?? channel.fd;

/** Executes a trampoline, which makes the calls and then executes the program. */
export function becomeTrampoline(
  ctx: InitContext,
  { calls, execIndex, keptFds }: CompiledWalk,
): void {
  const { executable, environment, listenFds, options, procfs, unprivileged } = ctx;
  const { inherited, channel } = ctx;
  const reportFd = reportFdOf(ctx);
  const byPath = isAvailable('execveat') ? undefined : execByPath(procfs);
  const first = [takeName, ...(unprivileged ? [] : [stayUndumpable]), ...(byPath?.calls ?? [])];
  const image = buildTrampoline({
    calls: [...first.map((call) => ({ ...call, index: NO_CALL_NUMBER })), ...calls],
    exec: { path: executable, argv: ctx.process.args!, env: environment },
    reportFd,
    answerFd: inherited.fifos?.turn ?? channel.fd,
    execIndex,
  });
  inheritFds({
    procfs,
    preserveFds: listenFds + options.preserveFds,
    keptFds: [reportFd, ctx.channel.fd, ...keptFds, ...(byPath?.keptFds ?? [])],
  });
  const argv = [...TRAMPOLINE_NAME, ctx.id];
  execTrampoline(image, argv, ctx.trampoline, byPath?.exec ?? ctx.execFd, procfs);
}
