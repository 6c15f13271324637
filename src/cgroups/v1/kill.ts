import { existsSync } from 'node:fs';
import { writeFile } from '../files.ts';
import { killEach, killUntilEmpty } from '../kill.ts';
import { unlessGone } from '../unless-gone.ts';
import { freezeV1, thawAllV1 } from './freezer.ts';

interface KillTarget {
  /** Every process of the container, also in cgroups below the container's. */
  pids: () => number[];
  /** Directory of the unified hierarchy, in hybrid mode. */
  unified: string | undefined;
  freezer: string | undefined;
  /** Called after each round. */
  waiting?: (() => void) | undefined;
}

/** Kills until no process is left, even if processes fork faster than their pids can be read. */
export function killV1({ pids, unified, freezer, waiting }: KillTarget): void {
  const round = () => {
    if (unified !== undefined) killUnified(unified);
    if (freezer === undefined || !existsSync(freezer)) return killEach(pids());
    tryFreeze(freezer);
    try {
      killEach(pids());
    } finally {
      // A frozen process dies only once it is thawed.
      thawAllV1(freezer);
    }
  };
  killUntilEmpty(pids, round, waiting);
}

/** Documentation/admin-guide/cgroup-v2.rst: cgroup.kill, since Linux 5.14. */
function killUnified(dir: string): void {
  unlessGone(() => writeFile(dir, 'cgroup.kill', '1'));
}

function tryFreeze(dir: string): void {
  try {
    freezeV1(dir);
  } catch {
    // Killing running processes works as well, but may miss some: the next round gets them.
  }
}
