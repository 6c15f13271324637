import { closeSync, constants, openSync } from 'node:fs';
import { subdirectories } from './subdirectories.ts';
import { unlessGone } from './unless-gone.ts';

interface Level {
  name: string;
  /** Its child cgroups that are not visited yet. */
  left: string[];
}

/**
 * Every cgroup below `dir`, children before their parent; none when `dir` is gone: systemd removes
 * the cgroups of a scope that it stops. A path is valid until the next one is taken. A container
 * may nest its cgroups deeper than a path may be long, or a stack deep, so one fd walks down and
 * up.
 */
export function* cgroupsBelow(dir: string): Generator<string> {
  const top = unlessGone(() => openDirectory(dir));
  if (top === undefined) return;
  let fd = top;
  const go = (to: string): true => {
    const next = openDirectory(`${pathOf(fd)}/${to}`);
    closeSync(fd);
    fd = next;
    return true;
  };
  const levels: Level[] = [];
  const enter = (name: string) => levels.push({ name, left: subdirectories(pathOf(fd)) ?? [] });
  try {
    enter('');
    for (let here = levels.at(-1); here; here = levels.at(-1)) {
      const next = here.left.pop();
      if (next !== undefined) {
        if (unlessGone(() => go(next))) enter(next);
        continue;
      }
      levels.pop();
      if (levels.length === 0) return;
      go('..');
      yield `${pathOf(fd)}/${here.name}`;
    }
  } finally {
    closeSync(fd);
  }
}

const openDirectory = (path: string): number =>
  openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);

const pathOf = (fd: number): string => `/proc/self/fd/${fd}`;
