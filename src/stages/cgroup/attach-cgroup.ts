import type { KernelCalls } from '../../init/trampoline/kernel-calls.ts';
import type { InitContext } from '../../lifecycle/context.ts';

/** Moves init into its cgroup, but for where setting up would be charged: that is left for the end. */
export const attachCgroup = ({ attachment }: InitContext): void =>
  attachment?.join({ charged: 'later' });

/** Moves init into the hierarchies that account memory, and CPU time where that is limited. */
export const attachMemoryCgroup = ({ attachment }: InitContext): void =>
  attachment?.join({ charged: 'only' });

/** {@link attachMemoryCgroup}, when nothing of Node is left to be charged. */
export function attachMemoryCalls({ attachment }: InitContext): KernelCalls {
  const doors = attachment?.chargedDoors;
  if (doors === undefined) {
    // Those that are joined only where that can be: a failure would end the trampoline.
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
