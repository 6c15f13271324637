import { constants, readSync, writeSync } from 'node:fs';
import { closeFd } from '../../syscalls/files/close-fd.ts';
import { openat } from '../../syscalls/files/file.ts';
import { pipe2 } from '../../syscalls/files/pipe.ts';
import { blockSignals, setSignalMask } from '../../syscalls/signal/signals.ts';
import {
  type CloneArgs,
  clone,
  exitNow,
  prepareClone,
  waitpid,
} from '../../syscalls/task/process.ts';
import { MemoryMap } from './memory-map.ts';

/** A forked child, as its parent holds it. The pidfd is close-on-exec and the holder's to close. */
export interface Forked {
  pid: number;
  /** -1 for a child that another process made, where pidfd_open(2) is refused. */
  pidfd: number;
}

interface ForkOptions {
  /** An fd of a cgroup v2 directory for the child to be born in. */
  cgroup?: number | undefined;
  /** The calling process's memory map. To be given where /proc may show another pid namespace. */
  map?: MemoryMap;
  /** Reaps a killed child; default: waitpid. A child by CLONE_PARENT is not this process's. */
  reap?: (pid: number) => void;
}

const ATTEMPTS = 50;
const SCANS = 100;

/**
 * Forks the process, straight into the namespaces of `flags` (CLONE_NEW*, CLONE_PARENT); the child
 * runs `child` and never returns. Signals stay blocked in the child.
 *
 * A page that V8 maps between the scan that marks memory as inherited and the fork is missing in
 * the child, which would crash on it. So the child waits until its parent has scanned once more:
 * equal maps mean that nothing was missing; otherwise the child is killed and another forked.
 */
export function fork(flags: number, child: () => void, options: ForkOptions = {}): Forked {
  const { cgroup, map = ownMap(), reap = waitpid } = options;
  const mask = blockSignals();
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const forked = tryFork(prepareClone(flags, cgroup), child, map, reap);
      if (forked) return forked;
    }
  } finally {
    setSignalMask(mask);
  }
  throw new Error(`the memory map did not settle in ${ATTEMPTS} forks`);
}

/** The child; undefined where none was made, or it had to be killed. */
function tryFork(
  args: CloneArgs,
  child: () => void,
  map: MemoryMap,
  reap: (pid: number) => void,
): Forked | undefined {
  const [waitEnd, goEnd] = pipe2();
  const byte = new Uint8Array(1);
  try {
    settle(map);
    const pid = clone(args);
    if (pid === 0) runChild(() => leave(map, child), waitEnd, goEnd, byte);
    if (pid === undefined) return undefined;
    const forked = { pid, pidfd: args.pidfd[0]! };
    if (!map.scan()) {
      discard(forked, reap);
      return undefined;
    }
    if (args.moveTo !== undefined) moveInto(args.moveTo, forked, reap);
    writeSync(goEnd, byte);
    return forked;
  } finally {
    closeFd(waitEnd);
    closeFd(goEnd);
  }
}

/** Ends a child, as though it had not been forked. */
export function discard({ pid, pidfd }: Forked, reap: (pid: number) => void): void {
  process.kill(pid, 'SIGKILL');
  closeFd(pidfd);
  reap(pid);
}

function moveInto(cgroup: number, forked: Forked, reap: (pid: number) => void): void {
  const fd = openat(cgroup, 'cgroup.procs', constants.O_WRONLY);
  try {
    writeSync(fd, String(forked.pid));
  } catch (error) {
    discard(forked, reap);
    throw error;
  } finally {
    closeFd(fd);
  }
}

function settle(map: MemoryMap): void {
  map.scan();
  for (let scans = 0; scans < SCANS; scans++) {
    map.markInherited();
    if (map.scan()) return;
  }
}

function runChild(child: () => void, waitEnd: number, goEnd: number, byte: Uint8Array): never {
  closeFd(goEnd);
  if (readSync(waitEnd, byte) !== 1) exitNow(1);
  closeFd(waitEnd);
  try {
    child();
  } catch {
    // `child` reports its own failures.
  }
  exitNow(1);
}

/** Runs `child` without the parent's map: a child that forks reads its own. */
function leave(map: MemoryMap, child: () => void): void {
  map.close();
  own = undefined;
  child();
}

let own: MemoryMap | undefined;
function ownMap(): MemoryMap {
  own ??= new MemoryMap();
  return own;
}
