import { spawnSync } from 'node:child_process';
import { chmodSync, globSync, mkdtempSync, writeSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { setTimeout } from 'node:timers/promises';
import { NODE_FLAGS } from '../src/node-flags.ts';
import { DAVIT } from './support/command.ts';
import { patience } from './support/patience.ts';
import { buildWhenStale } from './support/run/build.ts';
import { clearAway, clearAwayWhenKilled } from './support/run/clear-away.ts';
import { groupFiles } from './support/run/groups.ts';
import { whatIsLeft } from './support/run/leftovers.ts';
import { installMissing } from './support/run/packages.ts';
import { startRunServer } from './support/run/run-server.ts';

/*
 * `npm test [FILE|DIRECTORY …]`: installs missing tools, builds davit if its sources are newer, and
 * runs the tests on davit's own Node. With DAVIT=/path/to/davit, tests that davit and builds
 * nothing. With DAVIT_TEST_WARM=1, a server runs every command of davit that it can.
 */

const root = join(import.meta.dirname, '..');
// For one process. Container engines need that long on a busy machine.
const TIMEOUT = patience(180_000);

const asked = process.argv.slice(2);
const places = asked.length > 0 ? asked : ['test/integration', 'plugins', 'hooks', 'test/unit'];
const files = new Set(places.flatMap(testFiles));

// The VM has no network: it has what its image has.
if (!process.env.DAVIT_TEST_OFFLINE) installMissing(places);
buildWhenStale(root);

const scratch = mkdtempSync('/tmp/dt-');
chmodSync(scratch, 0o755);
const dismiss = clearAwayWhenKilled(scratch);
process.env.TMPDIR = scratch;
process.env.DAVIT_TEST_RUN = scratch;
// The traces of one run of tests stay apart from other runs and from the machine's own store.
process.env.DAVIT_TRACE_DIR = join(scratch, 'traces');
// The test files share imports: without a cache, each process would compile them anew.
process.env.NODE_COMPILE_CACHE = join(root, 'node_modules/.cache/davit-tests');
const endServer = startRunServer(scratch);
if (process.env.DAVIT_TEST_WARM) process.env.DAVIT_SERVER = process.env.DAVIT_TEST_SERVER;
else delete process.env.DAVIT_SERVER;

const groups = groupFiles(root, [...files], join(scratch, 'groups'));
const counts = { passed: 0, failed: 0 };
const skipped: string[] = [];
// Only the first signal is caught: a second one ends the run without its summary.
const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    process.exitCode = 1;
    interruption.abort();
  });
}
const stream = run({
  signal: interruption.signal,
  files: groups.map(({ entry }) => entry),
  cwd: root,
  // More than the CPUs, because tests often wait.
  concurrency: availableParallelism() * 2,
  timeout: TIMEOUT,
  // Some tests fork their own process, which needs davit's Node flags.
  execArgv: [...NODE_FLAGS, '--no-warnings'],
});
stream.on('test:fail', ({ name, todo }) => {
  if (todo !== undefined) return;
  const group = groups.find(({ entry }) => entry === name);
  if (group) writeSync(1, `failed as a process, with ${group.files.join(', ')}\n`);
  counts.failed++;
  process.exitCode = 1;
});
stream.on('test:pass', ({ name, file, skip }) => {
  if (skip === undefined) {
    counts.passed++;
    return;
  }
  const reason = typeof skip === 'string' && skip ? skip : 'no reason given';
  skipped.push(`${file?.slice(root.length + 1)}: ${name}: ${reason}`);
});
for await (const text of stream.compose(new spec())) writeSync(1, text as string);

const served = process.env.DAVIT_SERVER
  ? spawnSync(DAVIT, ['serve', '--status'], { encoding: 'utf8' }).stdout
  : '';
await endServer();
await dismiss();
writeSync(1, served);
// An embedding program's server ends by itself, a moment after the program.
let left = whatIsLeft(scratch);
for (let tries = 0; left.length > 0 && tries < 10; tries++) {
  await setTimeout(patience(50));
  left = whatIsLeft(scratch);
}
for (const line of skipped) writeSync(1, `skipped: ${line}\n`);
for (const line of left) writeSync(1, `left behind: ${line}\n`);
if (left.length > 0) process.exitCode = 1;
writeSync(1, `${counts.passed} passed, ${counts.failed} failed, ${skipped.length} skipped\n`);
await clearAway(scratch);

/** The test files of a file, directory or pattern, below the checkout. */
function testFiles(place: string): string[] {
  const found = globSync([place, `${place}/**/*.test.ts`], { cwd: root })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => relative(root, resolve(root, file)));
  if (found.length > 0) return found;
  writeSync(2, `npm test: ${place}: no such test file, nor a directory with one\n`);
  process.exit(2);
}
