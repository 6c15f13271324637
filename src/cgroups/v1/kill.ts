import { existsSync } from 'node:fs';
import { writeFile } from '../files.ts';
import { killEach, killUntilEmpty } from '../kill.ts';
import { unlessGone } from '../unless-gone.ts';
import { freezeV1, thawAllV1 } from './freezer.ts';

export interface KillTarget {
  /** Every process of the container, those of its own sub-cgroups too. */
  pids: () => number[];
  /** Directory of the unified hierarchy, in hybrid mode. */
  unified: string | undefined;
  freezer: string | undefined;
}

/** Kills until nothing is left, also of what forks faster than a list of pids can be read. */
export function killV1({ pids, unified, freezer }: KillTarget): void {
  killUntilEmpty(pids, () => {
    if (unified !== undefined) killUnified(unified);
    if (freezer === undefined || !existsSync(freezer)) return killEach(pids());
    tryFreeze(freezer);
    try {
      killEach(pids());
    } finally {
      // A frozen process dies only once it is thawed.
      thawAllV1(freezer);
    }
  });
}

/** Documentation/admin-guide/cgroup-v2.rst: cgroup.kill, since Linux 5.14. */
function killUnified(dir: string): void {
  unlessGone(() => writeFile(dir, 'cgroup.kill', '1'));
}

function tryFreeze(dir: string): void {
  try {
    freezeV1(dir);
  } catch {
    // Killing what moves works too, only not as surely: the next round comes.
  }
}
