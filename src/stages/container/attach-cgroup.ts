import type { InitContext } from '../../lifecycle/context.ts';
import type { KernelCalls } from '../../process/trampoline/kernel-calls.ts';

/** Moves init into its cgroup; memory is left for the end, so that setting up is not charged. */
export const attachCgroup = ({ attachment }: InitContext): void =>
  attachment?.join({ memory: 'later' });

/** Moves init into the hierarchy that accounts memory. */
export const attachMemoryCgroup = ({ attachment }: InitContext): void =>
  attachment?.join({ memory: 'only' });

/** {@link attachMemoryCgroup}, when nothing of Node is left to be charged. */
export function attachMemoryCalls({ attachment }: InitContext): KernelCalls {
  const door = attachment?.memoryDoor;
  if (door === undefined) {
    // One that is joined only where that can be: a failure would end the trampoline.
    attachment?.join({ memory: 'only' });
    return { calls: [], keep: [] };
  }
  return {
    keep: [door],
    calls: [
      { syscall: 'write', arguments: [door, { bytes: Buffer.from('0') }, 1] },
      { syscall: 'close', arguments: [door] },
    ],
  };
}
