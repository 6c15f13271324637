import type { Int64, LinuxMemory } from '../../config/types.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { atField } from '../../errors/stage-error.ts';
import { hasErrno } from '../../errors/syscall-error.ts';
import { readValue, writeFile } from '../files.ts';
import { type Controller, firstSetPath, isSet, writeField } from '../limits/controller.ts';

const FIELD = 'linux.resources.memory';

/**
 * Documentation/admin-guide/cgroup-v2.rst, "Memory Interface Files". v2 has neither swappiness nor
 * a switch for the OOM killer: davit ignores them, as runc does.
 */
export const memory: Controller = {
  name: 'memory',
  firstSetField: (resources) =>
    firstSetPath('memory', resources.memory, ['limit', 'reservation', 'swap']),
  apply: (dir, { memory }) => {
    if (memory === undefined) return;
    const { limit, reservation, swap } = memory;
    refuseBelowUsage(dir, memory);
    const swapMax = atField(`${FIELD}.swap`, () => memorySwapMax(swap, limit));
    if (swapMax !== undefined) atField(`${FIELD}.swap`, () => writeSwap(dir, swapMax));
    if (isSet(limit)) writeField(`${FIELD}.limit`, dir, 'memory.max', maxOr(limit));
    if (isSet(reservation))
      writeField(`${FIELD}.reservation`, dir, 'memory.low', maxOr(reservation));
  },
};

/** -1, no limit in v1, is `max` in v2. */
const maxOr = (value: Int64): string => (BigInt(value) === -1n ? 'max' : String(value));

/**
 * memory.swap.max, which counts swap alone, from the spec's limit on memory with swap. Undefined
 * leaves the file as it is.
 */
export function memorySwapMax(swap: Int64 = 0, limit: Int64 = 0): string | undefined {
  const [total, memory] = [BigInt(swap), BigInt(limit)];
  // Memory without a limit means memory with swap without a limit, as in v1.
  if (memory === -1n && total === 0n) return 'max';
  if (total === 0n) return undefined;
  if (total === -1n) return 'max';
  if (memory === -1n) return String(total);
  if (memory === 0n) throw new RuntimeError('unable to set swap limit without memory limit');
  if (memory < 0n) throw new RuntimeError(`invalid memory value: ${memory}`);
  if (total < memory) throw new RuntimeError('memory+swap limit should be >= memory limit');
  return String(total - memory);
}

function writeSwap(dir: string, value: string): void {
  try {
    writeFile(dir, 'memory.swap.max', value);
  } catch (error) {
    // The kernel does not count swap: `max` and `0` are then no error.
    if (!hasErrno(error, 'ENOENT') || (value !== 'max' && value !== '0')) throw error;
  }
}

/** Refuses a limit below the current usage, as the kernel does in v1: v2 would kill processes. */
export function refuseBelowUsage(dir: string, memory: LinuxMemory): void {
  const { limit = 0, swap = 0 } = memory;
  if (!memory.checkBeforeUpdate) return;
  let usage: bigint;
  try {
    usage = BigInt(readValue(dir, 'memory.current'));
  } catch {
    return; // As in runc: if the usage cannot be read, the update goes on.
  }
  if (swap > 0 && BigInt(swap) <= usage) {
    const problem = `rejecting memory+swap limit ${swap} <= usage ${usage}`;
    atField(`${FIELD}.swap`, () => fail(problem));
  }
  if (limit > 0 && BigInt(limit) <= usage) {
    atField(`${FIELD}.limit`, () => fail(`rejecting memory limit ${limit} <= usage ${usage}`));
  }
}

function fail(problem: string): never {
  throw new RuntimeError(problem);
}
