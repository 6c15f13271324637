import { watch } from 'node:fs';
import type { OomWatch } from '../usage/oom-watch.ts';
import { readKeyed } from '../usage/read-counts.ts';

/** memory.events and cgroup.events are modified when they change: admin-guide/cgroup-v2.rst. */
export function watchOomV2(dir: string, notice: () => void): OomWatch {
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const kills = () => Number(readKeyed(dir, 'memory.events').oom_kill ?? 0);
  let seen = kills();
  const memory = watch(`${dir}/memory.events`, () => {
    const now = kills();
    if (now > seen) notice();
    seen = now;
  });
  const cgroup = watch(`${dir}/cgroup.events`, () => {
    // inotify says nothing of a cgroup's removal: that its last process has gone has to do.
    if (!readKeyed(dir, 'cgroup.events').populated) close();
  });
  const close = () => {
    memory.close();
    cgroup.close();
    resolve();
  };
  return { ended, close };
}
