import { existsSync } from 'node:fs';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { hasErrno } from '../../errors/syscall-error.ts';
import { monotonicMs } from '../../syscalls/time/monotonic.ts';
import { sleepSync } from '../../syscalls/time/sleep.ts';
import { readFile, readValue, writeFile } from '../files.ts';
import { unlessGone } from '../unless-gone.ts';

/** How long processes may take to freeze, in ms: as in runc. */
const TIMEOUT_MS = 10_000;

/** Documentation/admin-guide/cgroup-v2.rst, cgroup.freeze: returns when every process is frozen. */
export function freezeV2(dir: string): void {
  try {
    writeFile(dir, 'cgroup.freeze', '1');
  } catch (error) {
    if (!hasErrno(error, 'ENOENT')) throw error;
    throw new RuntimeError(`freezer not supported: ${(error as Error).message}`);
  }
  const deadline = monotonicMs() + TIMEOUT_MS;
  for (
    let pause = 1;
    !/^frozen 1$/m.test(readFile(dir, 'cgroup.events'));
    pause = Math.min(2 * pause, 10)
  ) {
    if (monotonicMs() > deadline) {
      throw new RuntimeError(
        `timeout of ${TIMEOUT_MS / 1000}s reached waiting for the cgroup to freeze`,
      );
    }
    sleepSync(pause);
  }
}

/** Does nothing before Linux 5.2, which has no freezer. */
export function thawV2(dir: string): void {
  unlessGone(() => writeFile(dir, 'cgroup.freeze', '0'));
}

/** True when the cgroup itself is frozen, not only one above it. False without a cgroup. */
export function frozenV2(dir: string): boolean {
  if (!existsSync(`${dir}/cgroup.freeze`)) return false;
  return unlessGone(() => readValue(dir, 'cgroup.freeze')) === '1';
}
