import type { InitContext } from '../../context/init-context.ts';
import type { KernelCalls } from '../../init/trampoline/kernel-calls.ts';

/**
 * Moves init into its cgroup, except in hierarchies that would charge init for setup.
 * {@link attachMemoryCgroup} joins those last.
 */
export const attachCgroup = ({ attachment }: InitContext): void =>
  attachment?.join({ charging: 'later' });

/** Moves init into the hierarchies that account memory, and CPU time where CPU time is limited. */
export const attachMemoryCgroup = ({ attachment }: InitContext): void =>
  attachment?.join({ charging: 'only' });

/** {@link attachMemoryCgroup} as calls of the trampoline, which holds none of Node's memory. */
export function attachMemoryCalls({ attachment }: InitContext): KernelCalls {
  const fds = attachment?.chargingJoinFds;
  if (fds === undefined) {
    // An optional hierarchy may refuse init. In the trampoline that would end init: join here.
    attachment?.join({ charging: 'only' });
    return { calls: [], keptFds: [] };
  }
  return {
    keptFds: fds,
    calls: fds.flatMap((fd) => [
      { syscall: 'write', arguments: [{ fd }, { bytes: Buffer.from('0') }, 1] },
      { syscall: 'close', arguments: [{ fd }] },
    ]),
  };
}
