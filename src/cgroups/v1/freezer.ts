import { existsSync } from 'node:fs';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { sleepSync } from '../../syscalls/time/sleep.ts';
import { cgroupsBelow } from '../cgroups-below.ts';
import { readValue, writeFile } from '../files.ts';
import { unlessGone } from '../unless-gone.ts';

const FILE = 'freezer.state';

// A cgroup in which processes keep forking may stay FREEZING. As in runc, davit writes FROZEN
// again, and from time to time thaws and waits. A process freezes when it gets a CPU: after some
// quick tries davit sleeps between tries.
const TRIES = 1000;
const QUICK_TRIES = 10;
const THAW_EVERY = 50;

/** admin-guide/cgroup-v1/freezer-subsystem.rst. Returns when every process is frozen. */
export function freezeV1(dir: string): void {
  try {
    for (let tries = 1; tries <= TRIES; tries++) {
      if (tries % THAW_EVERY === 0) {
        writeFile(dir, FILE, 'THAWED');
        sleepSync(10);
      }
      writeFile(dir, FILE, 'FROZEN');
      const state = readValue(dir, FILE);
      if (state === 'FROZEN') return;
      if (state !== 'FREEZING') throw new RuntimeError(`unexpected state ${state} while freezing`);
      if (tries > QUICK_TRIES) sleepSync(1);
    }
    throw new RuntimeError('unable to freeze');
  } catch (error) {
    // Do not leave some processes frozen and others running.
    if (existsSync(dir)) thawV1(dir);
    throw error;
  }
}

export function thawV1(dir: string): void {
  writeFile(dir, FILE, 'THAWED');
}

/** Thaws the cgroup and all cgroups below it, which the container may have frozen itself. */
export function thawAllV1(dir: string): void {
  for (const cgroup of cgroupsBelow(dir)) unlessGone(() => thawV1(cgroup));
  unlessGone(() => thawV1(dir));
}

/** True when the cgroup itself is frozen, not only one above it. False without a cgroup. */
export function frozenV1(dir: string): boolean {
  if (!existsSync(`${dir}/${FILE}`)) return false;
  return unlessGone(() => isSelfFrozen(dir)) ?? false;
}

function isSelfFrozen(dir: string): boolean {
  let state = readValue(dir, FILE);
  for (let tries = 1; state === 'FREEZING' && tries <= TRIES; tries++) {
    sleepSync(1);
    state = readValue(dir, FILE);
  }
  return state !== 'THAWED' && readValue(dir, 'freezer.self_freezing') === '1';
}
