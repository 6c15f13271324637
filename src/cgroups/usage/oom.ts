import { RuntimeError } from '../../errors/runtime-error.ts';
import type { Cgroup } from '../cgroup.ts';
import { directoryOf } from '../cgroup.ts';
import { watchOomV1 } from '../v1/oom.ts';
import { watchOomV2 } from '../v2/oom.ts';
import { hierarchyWith } from './met-limits.ts';
import type { OomWatch } from './oom-watch.ts';

/** Calls `notice` on the event loop whenever the container runs out of memory. */
export function watchOom(cgroup: Cgroup, notice: () => void): OomWatch {
  const memory = hierarchyWith('memory', cgroup);
  if (memory === undefined) throw new RuntimeError('memory controller missing');
  const watch = memory.version === 1 ? watchOomV1 : watchOomV2;
  return watch(directoryOf(memory), notice);
}
