import { setTimeout } from 'node:timers/promises';
import type { BlkioStats, CgroupStats, Count } from '../../cgroups/usage/stats.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';
import type { ContainerRequest } from '../../state/container.ts';
import { listIds } from '../../state/store.ts';
import { monotonicNs } from '../../syscalls/time/monotonic.ts';
import { stats } from './events.ts';

/** A container's use of resources. Sizes are in bytes; a limit of null means none. */
export interface ContainerUsage {
  id: string;
  /**
   * `usage` in nanoseconds since the container was created; `percent` of one CPU since the last
   * sample.
   */
  cpu: { usage: Count; percent: number };
  memory: { usage: Count; limit: Count | null };
  pids: { current: Count; limit: Count | null };
  /**
   * Bytes read from and written to block devices: in all, and in each second since the last sample.
   */
  io: { read: Count; written: Count; readPerSecond: number; writtenPerSecond: number };
}

interface UsageRequest extends Omit<ContainerRequest, 'id'> {
  /** Container ids. Empty means all containers that have not stopped. */
  ids: readonly string[];
  /** Milliseconds between two samples. */
  interval: number;
}

/** The statistics of a container at one moment. */
interface Sample {
  at: bigint;
  stats: CgroupStats;
}

/** Yields what containers use after each interval, until all that were asked for have ended. */
export async function* usages(request: UsageRequest): AsyncGenerator<ContainerUsage[]> {
  const { ids, interval } = request;
  let before = await look(request, 'all');
  for (;;) {
    await setTimeout(interval);
    const now = await look(request, 'some');
    if (ids.length > 0 && now.size === 0) return;
    yield [...now].map(([id, sample]) => usageOf(id, sample, before.get(id)));
    before = now;
  }
}

/**
 * Samples containers. With `all`, every container asked for must run; with `some`, some may have
 * ended.
 */
async function look(
  { root, ids, environment }: UsageRequest,
  expected: 'all' | 'some',
): Promise<Map<string, Sample>> {
  const samples = new Map<string, Sample>();
  for (const id of ids.length > 0 ? ids : listIds(root)) {
    try {
      samples.set(id, {
        at: monotonicNs(),
        stats: await stats({ root, id, environment }),
      });
    } catch (error) {
      const mayBeGone = ids.length === 0 || expected === 'some';
      if (!(mayBeGone && error instanceof RuntimeError)) throw error;
    }
  }
  return samples;
}

function usageOf(id: string, { at, stats }: Sample, before: Sample | undefined): ContainerUsage {
  const { cpu, memory, pids, blkio } = stats;
  const usage = cpu.usage?.total ?? 0;
  const io = ioOf(blkio);
  const seconds = before ? Number(at - before.at) / 1e9 : 0;
  const ioBefore = before ? ioOf(before.stats.blkio) : io;
  const perSecond = (kind: 'read' | 'written') =>
    seconds > 0 ? Math.round((io[kind] - ioBefore[kind]) / seconds) : 0;
  return {
    id,
    cpu: { usage, percent: before ? percent({ at, stats }, before) : 0 },
    memory: { usage: memory.usage?.usage ?? 0, limit: limitOf(memory.usage?.limit) },
    pids: { current: pids.current ?? 0, limit: limitOf(pids.limit) },
    io: {
      ...io,
      readPerSecond: perSecond('read'),
      writtenPerSecond: perSecond('written'),
    },
  };
}

function percent(now: Sample, before: Sample): number {
  const used = BigInt(now.stats.cpu.usage?.total ?? 0) - BigInt(before.stats.cpu.usage?.total ?? 0);
  return Math.round((Number(used) / Number(now.at - before.at)) * 1000) / 10;
}

/** "No limit" is a number beyond any memory: 2^63 in pages (cgroup v1), 2^64 - 1 (v2). */
const limitOf = (limit: Count | undefined): Count | null =>
  limit === undefined || BigInt(limit) === 0n || BigInt(limit) >= 2n ** 62n ? null : limit;

const ioOf = (blkio: BlkioStats) => ({
  read: bytes(blkio, 'Read'),
  written: bytes(blkio, 'Write'),
});

function bytes({ ioServiceBytesRecursive = [] }: BlkioStats, op: string): number {
  return ioServiceBytesRecursive
    .filter((entry) => entry.op === op)
    .reduce((sum, { value = 0 }) => sum + Number(value), 0);
}
