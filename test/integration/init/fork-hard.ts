import { closeSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { type Forked, fork } from '../../../src/init/fork/fork.ts';
import { forkInto } from '../../../src/init/fork/join.ts';
import {
  CLONE_NEWIPC,
  CLONE_NEWNET,
  CLONE_NEWNS,
  CLONE_NEWPID,
  CLONE_NEWUTS,
} from '../../../src/syscalls/task/namespaces.ts';
import { exitNow, waitpid } from '../../../src/syscalls/task/process.ts';

/*
 * Forks itself many times while it allocates hard, in each of davit's ways. The children allocate
 * and collect garbage as well. Prints the results.
 */

const TIMES = Number(process.argv[2]);
const OK = 42;

const FLAGS = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNET;

let kept: unknown[] = [];

/**
 * Allocates objects of all kinds. Some stay and most are garbage, so that every space of the heap
 * grows and shrinks.
 */
function allocate(round: number, count: number): void {
  const garbage: unknown[] = [];
  for (let i = 0; i < count; i++) {
    garbage.push({ i, text: `${round}:${i}`, list: [i, i + 0.5, String(i)] });
    if (i % 1000 === 0) kept.push(new Map([[i, Buffer.alloc(4096)]]), new Float64Array(20_000));
  }
  if (kept.length > 200) kept = kept.slice(100);
  // Compiled code lies on its own pages.
  new Function('x', `return x + ${round}`)(1);
}

function child(): void {
  allocate(-1, 5000);
  exitNow(OK);
}

function join(): Forked {
  const fd = openSync('/proc/self/ns/uts', 'r');
  try {
    return forkInto(
      { join: [{ flag: CLONE_NEWUTS, fd, configPath: '' }], create: CLONE_NEWPID },
      child,
    );
  } finally {
    closeSync(fd);
  }
}

const ways: Record<string, () => Forked> = {
  plain: () => fork(0, child),
  namespaces: () => fork(FLAGS, child),
  joined: join,
};

const statuses: Record<string, number> = {};
for (let round = 0; round < TIMES; round++) {
  allocate(round, 3000 + ((round * 7919) % 12_000));
  for (const [way, make] of Object.entries(ways)) {
    const { pid, pidfd } = make();
    const key = `${way} ${waitpid(pid)}`;
    statuses[key] = (statuses[key] ?? 0) + 1;
    closeSync(pidfd);
  }
}
const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8');
const fds = readdirSync('/proc/self/fd').length;
writeSync(1, JSON.stringify({ statuses, children, fds }));
