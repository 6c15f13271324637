import { existsSync } from 'node:fs';
import type { Int64, LinuxMemory, LinuxResources } from '../../config/types.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { atField } from '../../errors/stage-error.ts';
import { hasErrno } from '../../errors/syscall-error.ts';
import { readValue, writeFile } from '../files.ts';
import { type Controller, firstSetPath, isSet, writeField } from '../limits/controller.ts';

const FIELD = 'linux.resources.memory';
const LIMIT = 'memory.limit_in_bytes';
const SWAP_LIMIT = 'memory.memsw.limit_in_bytes';

/** admin-guide/cgroup-v1/memory.rst. As runc does, davit ignores `kernel` and `kernelTCP`. */
export const memory: Controller = {
  name: 'memory',
  firstSetField: (resources) =>
    firstSetPath('memory', resources.memory, [
      'limit',
      'reservation',
      'swap',
      'swappiness',
      'disableOOMKiller',
    ]),
  apply: (dir, { memory }: LinuxResources) => {
    if (memory === undefined) return;
    applyLimits(dir, memory);
    if (isSet(memory.reservation)) {
      writeField(`${FIELD}.reservation`, dir, 'memory.soft_limit_in_bytes', memory.reservation);
    }
    // Since Linux 5.11 every cgroup uses hierarchy, so false has no effect.
    if (memory.useHierarchy) writeField(`${FIELD}.useHierarchy`, dir, 'memory.use_hierarchy', 1);
    if (memory.disableOOMKiller) {
      writeField(`${FIELD}.disableOOMKiller`, dir, 'memory.oom_control', 1);
    }
    applySwappiness(dir, memory.swappiness);
  },
};

function applyLimits(dir: string, memory: LinuxMemory): void {
  const limit = isSet(memory.limit) ? memory.limit : undefined;
  let swap = isSet(memory.swap) ? memory.swap : undefined;
  // Memory without a limit means memory with swap without a limit, if the kernel counts swap.
  if (limit !== undefined && Number(limit) === -1 && swap === undefined) {
    if (existsSync(`${dir}/${SWAP_LIMIT}`)) swap = -1;
  }
  if (swapGoesFirst(dir, limit, swap)) {
    writeSwap(dir, swap);
    writeLimit(dir, limit);
  } else {
    writeLimit(dir, limit);
    writeSwap(dir, swap);
  }
}

/** The memory limit must never be above the limit of memory with swap: the kernel refuses it. */
function swapGoesFirst(dir: string, limit: Int64 | undefined, swap: Int64 | undefined): boolean {
  if (limit === undefined || swap === undefined) return false;
  return Number(swap) === -1 || BigInt(readValue(dir, LIMIT)) < BigInt(swap);
}

function writeSwap(dir: string, swap: Int64 | undefined): void {
  if (swap !== undefined) writeField(`${FIELD}.swap`, dir, SWAP_LIMIT, swap);
}

function writeLimit(dir: string, limit: Int64 | undefined): void {
  if (limit === undefined) return;
  atField(`${FIELD}.limit`, () => {
    try {
      writeFile(dir, LIMIT, String(limit));
    } catch (error) {
      if (!hasErrno(error, 'EBUSY')) throw error;
      const usage = readValue(dir, 'memory.usage_in_bytes');
      const peak = readValue(dir, 'memory.max_usage_in_bytes');
      throw new RuntimeError(
        `unable to set memory limit to ${limit} (current usage: ${usage}, peak usage: ${peak})`,
      );
    }
  });
}

function applySwappiness(dir: string, swappiness: number | undefined): void {
  if (swappiness === undefined || swappiness === -1) return;
  atField(`${FIELD}.swappiness`, () => {
    if (!(swappiness >= 0 && swappiness <= 100)) {
      throw new RuntimeError(
        `invalid memory swappiness value: ${swappiness} (valid range is 0-100)`,
      );
    }
    writeFile(dir, 'memory.swappiness', String(swappiness));
  });
}
