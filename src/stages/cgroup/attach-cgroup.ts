import type { KernelCalls } from '../../init/trampoline/kernel-calls.ts';
import type { InitContext } from '../../lifecycle/init-context.ts';

/**
 * Moves init into its cgroup, except in hierarchies that would charge init for setup.
 * {@link attachMemoryCgroup} joins those last.
 */
export const attachCgroup = ({ attachment }: InitContext): void =>
  attachment?.join({ charged: 'later' });

/** Moves init into the hierarchies that account memory, and CPU time where CPU time is limited. */
export const attachMemoryCgroup = ({ attachment }: InitContext): void =>
  attachment?.join({ charged: 'only' });

/** {@link attachMemoryCgroup} as calls of the trampoline, which holds none of Node's memory. */
export function attachMemoryCalls({ attachment }: InitContext): KernelCalls {
  const doors = attachment?.chargedJoinFds;
  if (doors === undefined) {
    // An optional hierarchy may refuse init. In the trampoline that would end init: join here.
    attachment?.join({ charged: 'only' });
    return { calls: [], keep: [] };
  }
  return {
    keep: doors,
    calls: doors.flatMap((door) => [
      { syscall: 'write', arguments: [door, { bytes: Buffer.from('0') }, 1] },
      { syscall: 'close', arguments: [door] },
    ]),
  };
}
