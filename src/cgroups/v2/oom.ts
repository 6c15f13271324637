import { watch } from 'node:fs';
import type { OomWatch } from '../usage/oom-watch.ts';
import { readKeyed } from '../usage/read-counts.ts';

/** Changes of memory.events and cgroup.events are seen by inotify: admin-guide/cgroup-v2.rst. */
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
    // inotify does not report a cgroup's removal: the watch ends when the cgroup is empty.
    if (!readKeyed(dir, 'cgroup.events').populated) close();
  });
  const close = () => {
    memory.close();
    cgroup.close();
    resolve();
  };
  return { ended, close };
}
