import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { type Bundle, makeBundle, needsRoot } from '../../support/bundle.ts';
import { patience } from '../../support/patience.ts';
import { whatIsLeft } from '../../support/run/leftovers.ts';

/** DAVIT_TEST_CONTAINERS=500 tests as many as a busy node has. */
const CONTAINERS = Number(process.env.DAVIT_TEST_CONTAINERS ?? 50);
const AT_ONCE = 8;

test(`${CONTAINERS} containers at once, created ${AT_ONCE} at a time`, {
  skip: needsRoot,
  timeout: patience(60_000 + 1000 * CONTAINERS),
}, async (t) => {
  const bundle = makeBundle(t, { args: ['sleep', '1000'] });
  const ids = Array.from({ length: CONTAINERS }, (_, i) => `${bundle.id}-${i}`);
  const everyOne = async (what: string, args: (id: string) => string[]) => {
    const start = performance.now();
    await inParallel(ids, (id) => succeed(bundle, args(id)));
    report(t, what, start);
  };
  try {
    await everyOne('create', (id) => ['create', '--bundle', bundle.dir, id]);
    assert.deepEqual(statuses(bundle, t), Object.fromEntries(ids.map((id) => [id, 'created'])));
    await everyOne('start', (id) => ['start', id]);
    assert.deepEqual(statuses(bundle, t), Object.fromEntries(ids.map((id) => [id, 'running'])));
    await everyOne('state', (id) => ['state', id]);
  } finally {
    await everyOne('delete', (id) => ['delete', '--force', id]);
  }
  assert.deepEqual(existsSync(bundle.root) ? readdirSync(bundle.root) : [], []);
  assert.deepEqual(whatIsLeft(bundle.id), []);
});

function statuses(bundle: Bundle, t: TestContext): Record<string, string> {
  const start = performance.now();
  const { status, stdout, stderr } = bundle.runtime('list', '--format', 'json');
  assert.equal(status, 0, stderr);
  t.diagnostic(`list: ${Math.round(performance.now() - start)} ms`);
  const all = JSON.parse(stdout) as { id: string; status: string }[];
  return Object.fromEntries(all.map((one) => [one.id, one.status]));
}

async function inParallel(ids: readonly string[], run: (id: string) => Promise<void>) {
  const waiting = [...ids];
  const worker = async () => {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) await run(id);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** Runs a command and ignores its output, which the container may keep open. */
async function succeed(bundle: Bundle, args: string[]): Promise<void> {
  const child = bundle.startRuntime({ stdio: ['ignore', 'ignore', 'ignore'] }, ...args);
  const [status] = await once(child, 'exit');
  assert.equal(status, 0, args.join(' '));
}

function report(t: TestContext, what: string, start: number): void {
  const each = (performance.now() - start) / CONTAINERS;
  t.diagnostic(`${what}: ${each.toFixed(1)} ms each`);
}
