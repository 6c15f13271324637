import { readResctrlStats } from '../../cgroups/resctrl/resctrl-stats.ts';
import { watchOom } from '../../cgroups/usage/oom.ts';
import { readStats } from '../../cgroups/usage/read-stats.ts';
import type { CgroupStats } from '../../cgroups/usage/stats.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';
import {
  type ContainerRequest,
  cgroupOf,
  readContainer,
  type StoredContainer,
} from '../../state/container.ts';

/** A notice about a container, as `runc events` prints it (types/events.go). */
export type ContainerNotice =
  | { type: 'stats'; id: string; data: CgroupStats }
  /** The container ran out of memory. */
  | { type: 'oom'; id: string };

interface EventsRequest extends ContainerRequest {
  /** Milliseconds between two statistics. */
  interval: number;
  /** Gets each notice. Returns false when the reader is gone. */
  emit(notice: ContainerNotice): boolean;
}

/** The statistics of a container, once. */
export async function stats(request: ContainerRequest): Promise<CgroupStats> {
  return statsOf(runningContainer(request));
}

/**
 * Reports a container's statistics every interval, and each time it runs out of memory, until it
 * ends.
 */
export async function events(request: EventsRequest): Promise<void> {
  const { id, interval, emit } = request;
  const container = runningContainer(request);
  const cgroup = cgroupOf(container);
  const watch = watchOom(cgroup, () => tell({ type: 'oom', id }));
  const tell = (notice: ContainerNotice) => {
    if (!emit(notice)) watch.close();
  };
  const timer = setInterval(() => {
    if (hasEnded(request)) watch.close();
    else tell({ type: 'stats', id, data: statsOf(container) });
  }, interval);
  await watch.ended;
  clearInterval(timer);
}

function statsOf(container: StoredContainer): CgroupStats {
  const stats = readStats(cgroupOf(container));
  return { ...stats, intel_rdt: readResctrlStats(container.record.resctrl) };
}

function runningContainer(request: ContainerRequest) {
  const container = readContainer(request);
  if (container.status === 'stopped') {
    throw new RuntimeError(`container with id ${request.id} is not running`);
  }
  return container;
}

function hasEnded(request: ContainerRequest): boolean {
  try {
    return readContainer(request).status === 'stopped';
  } catch (error) {
    // The container was deleted.
    if (error instanceof RuntimeError) return true;
    throw error;
  }
}
