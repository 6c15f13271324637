import { watchOom } from '../cgroups/oom.ts';
import { type CgroupStats, readStats } from '../cgroups/stats.ts';
import { RuntimeError } from '../errors/runtime-error.ts';
import { type ContainerRequest, cgroupOf, readContainer } from './stored.ts';

/** What happens in a container, as `runc events` prints it (types/events.go). */
export type ContainerNotice =
  | { type: 'stats'; id: string; data: CgroupStats }
  /** It ran out of memory. */
  | { type: 'oom'; id: string };

export interface EventsRequest extends ContainerRequest {
  /** Milliseconds between two statistics. */
  interval: number;
  /** Takes each notice; false when nobody listens any more. */
  emit(notice: ContainerNotice): boolean;
}

/** The statistics of a container, once. */
export async function stats(request: ContainerRequest): Promise<CgroupStats> {
  return readStats(cgroupOf(runningContainer(request)));
}

/** Tells of a container's use of resources, again and again, and of its lack of memory, until it ends. */
export async function events(request: EventsRequest): Promise<void> {
  const { id, interval, emit } = request;
  const cgroup = cgroupOf(runningContainer(request));
  const watch = watchOom(cgroup, () => tell({ type: 'oom', id }));
  const tell = (notice: ContainerNotice) => {
    if (!emit(notice)) watch.close();
  };
  const timer = setInterval(() => {
    if (hasEnded(request)) watch.close();
    else tell({ type: 'stats', id, data: readStats(cgroup) });
  }, interval);
  await watch.ended;
  clearInterval(timer);
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
    // Deleted.
    if (error instanceof RuntimeError) return true;
    throw error;
  }
}
