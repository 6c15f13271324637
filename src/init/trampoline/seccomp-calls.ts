import type { CompiledSeccomp } from '../../seccomp/compile.ts';
import { SECCOMP_SET_MODE_FILTER } from '../../syscalls/rights/seccomp-filter.ts';
import { awaitPacket } from './await-packet.ts';
import { sockFprog } from './blob.ts';
import type { TrampolineCall } from './build-trampoline.ts';

/**
 * The calls that install a filter. They report a listener, and wait for the runtime's answer: it
 * has taken the listener. Where the connection ends instead, the trampoline ends.
 */
export function seccompCalls(
  { program, flags, notify }: CompiledSeccomp,
  reportFd: number,
): TrampolineCall[] {
  const configPath = 'linux.seccomp';
  const install: TrampolineCall = {
    syscall: 'seccomp',
    arguments: [SECCOMP_SET_MODE_FILTER, flags, sockFprog(program)],
    report: notify,
    configPath,
  };
  if (!notify) return [install];
  return [install, { ...awaitPacket({ fd: reportFd }, 'exit'), configPath }];
}
