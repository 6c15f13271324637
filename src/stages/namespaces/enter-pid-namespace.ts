import { constants } from 'node:os';
import type { AppliesContext } from '../../context/applies-context.ts';
import type { InitContext } from '../../context/init-context.ts';
import { BORN } from '../../init/channel/protocol.ts';
import { awaitPacket } from '../../init/trampoline/await-packet.ts';
import type { TrampolineCall } from '../../init/trampoline/build-trampoline.ts';
import type { KernelCalls } from '../../init/trampoline/kernel-calls.ts';
import { processCountCalls } from '../../init/trampoline/last-calls.ts';
import { allowsSyscall } from '../../seccomp/allows-syscall.ts';
import { filterComesLast } from '../../seccomp/filter-comes-last.ts';
import { CLONE_PARENT } from '../../syscalls/task/process.ts';
import { TIOCSCTTY } from '../../syscalls/tty/tty.ts';

const { SIGCHLD } = constants.signals;
const { EPERM } = constants.errno;

export const joinsPidNamespace = ({ joinsPidNamespace: joins }: AppliesContext): boolean =>
  joins === true;

/**
 * Enters a pid namespace that other processes are in. With CAP_SYS_PTRACE, these can read and
 * change a process that they see, and open its executable (CVE-2019-5736). So Node never enters.
 * The process does all its work outside, and gives up all that its program may not have. Only then
 * the trampoline, a sealed program without fds of the host, makes a child in the namespace, and
 * ends. The child is the runtime's (CLONE_PARENT): the runtime adopts it, then lets it go on.
 *
 * A seccomp filter that is installed by then has to allow the calls that make the child. If it does
 * not, the child installs it, and until then has the CAP_SYS_ADMIN that this needs, as runc's
 * process has all capabilities.
 */
export function enterPidNamespaceCalls(ctx: InitContext): KernelCalls {
  const birth = birthCalls(ctx);
  return {
    ...(filterLets(ctx, birth) ? { calls: birth } : { prepare: birth, calls: [] }),
    ...DROPS_RIGHTS,
  };
}

const DROPS_RIGHTS = { dropsRights: true, keptFds: [] } as const;

function birthCalls({ channel, process, terminal }: InitContext): TrampolineCall[] {
  return [
    {
      syscall: 'clone',
      arguments: [CLONE_PARENT | SIGCHLD],
      index: BORN,
      report: true,
      whenZero: 2,
    },
    { syscall: 'exit_group', arguments: [0] },
    awaitPacket(channel, 'exit'),
    // The child needs its own session: the end of the parent's would hang up the terminal.
    { syscall: 'setsid', arguments: [], tolerated: EPERM },
    ...(terminal === undefined ? [] : [controllingTerminal]),
    // The child sets its own limits: prlimit(2) on another user's process needs CAP_SYS_RESOURCE.
    ...processCountCalls(process),
  ];
}

const controllingTerminal: TrampolineCall = {
  syscall: 'ioctl',
  arguments: [0, TIOCSCTTY, 0],
  configPath: 'process.terminal',
};

/** Whether a filter that is installed first allows the calls after it, up to those of the birth. */
function filterLets({ seccomp, spec }: InitContext, birth: readonly TrampolineCall[]): boolean {
  if (!seccomp || filterComesLast(spec)) return true;
  const numbers = ({ arguments: args }: TrampolineCall) =>
    args.map((argument) => (typeof argument === 'number' ? argument : 0));
  return (
    birth.every((call) => allowsSyscall(seccomp.program, call.syscall, numbers(call))) &&
    (['capset', 'write'] as const).every((name) => allowsSyscall(seccomp.program, name, []))
  );
}

export function enterPidNamespace(): never {
  throw new Error('only a trampoline enters a pid namespace');
}
