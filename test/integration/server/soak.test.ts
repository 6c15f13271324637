import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { makeBundle, needsRoot } from '../../support/bundle.ts';
import { patience } from '../../support/patience.ts';
import { startServer } from '../../support/server.ts';
import { waitFor } from '../../support/wait-for.ts';

/** DAVIT_TEST_SOAK=10000 runs as many containers as a busy server has in a day. */
const CONTAINERS = Number(process.env.DAVIT_TEST_SOAK ?? 100);
/** Kilobytes by which the second half of the containers may raise the server's memory. */
const MOST_GROWTH = 12 * 1024;

test(`${CONTAINERS} containers in turn leave a server as it was`, {
  skip: needsRoot,
  timeout: patience(60_000 + 500 * CONTAINERS),
}, async (t) => {
  const server = await startServer(t);
  const bundle = makeBundle(t, { args: ['sh', '-c', 'echo done'] });
  const half = Math.ceil(CONTAINERS / 2);
  let before = { memory: 0, fds: 0 };
  for (let i = 1; i <= CONTAINERS; i++) {
    const run = ['run', '--bundle', bundle.dir, `${bundle.id}-${i}`];
    const { status, stdout, stderr } = bundle.runtimeWith({ env: server.env }, ...run);
    assert.deepEqual([status, stdout, stderr], [0, 'done\n', ''], `container ${i}`);
    if (i === half) before = usage(server.pid);
  }
  server.expectServed(`run +${CONTAINERS}`);
  // An exporter of the last commands may still run.
  await waitFor(() => server.status() !== '' && childrenOf(server.pid) === '');
  // The server closes the fds of its last command after it has answered.
  await waitFor(() => usage(server.pid).fds <= before.fds);
  const { memory } = usage(server.pid);
  t.diagnostic(`memory: ${before.memory} kB after ${half} containers, ${memory} kB in the end`);
  assert.ok(memory - before.memory < MOST_GROWTH, `${before.memory} kB, then ${memory} kB`);
  assert.deepEqual(existsSync(bundle.root) ? readdirSync(bundle.root) : [], []);
  bundle.expectNothingLeft();
});

function usage(pid: number): { memory: number; fds: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return {
    memory: Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)![1]),
    fds: readdirSync(`/proc/${pid}/fd`).length,
  };
}

const childrenOf = (pid: number): string =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
