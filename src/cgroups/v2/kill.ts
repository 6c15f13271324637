import { existsSync } from 'node:fs';
import { hasErrno } from '../../errors/syscall-error.ts';
import { writeFile } from '../files.ts';
import { killEach, killUntilEmpty } from '../kill.ts';
import { readAllPids } from '../processes.ts';
import { freezeV2, thawV2 } from './freezer.ts';

/** cgroup.kill (Linux 5.14) kills every process, also frozen and newly forked ones. */
export function killV2(dir: string, waiting?: () => void): void {
  killUntilEmpty(
    () => readAllPids(dir),
    () => {
      try {
        writeFile(dir, 'cgroup.kill', '1');
      } catch (error) {
        if (!existsSync(dir)) return;
        if (!hasErrno(error, 'ENOENT')) throw error;
        killFrozen(dir);
      }
    },
    waiting,
  );
}

function killFrozen(dir: string): void {
  freezeV2(dir);
  try {
    killEach(readAllPids(dir));
  } finally {
    thawV2(dir);
  }
}
