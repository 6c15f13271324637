import { mkdirSync, mkdtempSync, rmSync, writeSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { Davit, type ProgramResult } from 'davit';
import { defaultSpec } from '../../src/config/default-spec.ts';
import { hostRootfs } from '../../src/plugins/testing/host-rootfs.ts';

/*
 * A test runner that runs each file in a container of its own: without a network, with the files
 * read-only and an empty /tmp. Prints what the files that fail have written. After `npm run build`,
 * as root, with any Node:
 *
 *     node examples/embedding/isolated-tests.ts FILE.test.sh …
 */

const files = process.argv.slice(2).map((file) => resolve(file));
const bundle = mkdtempSync(join(tmpdir(), 'davit-tests-'));
const rootfs = join(bundle, 'rootfs');
const system = hostRootfs(rootfs);
mkdirSync(join(rootfs, 'tests'));

await using davit = new Davit({ server: 'own' });
const waiting = [...files];
let failed = 0;

/** Runs one file after the other, until there is none. */
async function work(): Promise<void> {
  for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
    report(file, await run(file));
  }
}

async function run(file: string): Promise<ProgramResult> {
  const spec = defaultSpec();
  spec.process!.terminal = false;
  const tests = { destination: '/tests', source: dirname(file), type: 'bind' };
  spec.mounts = [
    ...(spec.mounts ?? []),
    ...system,
    { ...tests, options: ['rbind', 'ro'] },
    { destination: '/tmp', source: 'tmpfs', type: 'tmpfs' },
  ];
  const args = ['sh', `/tests/${basename(file)}`];
  return await davit.run({ bundle, spec, args, cwd: '/tmp', timeout: 60_000 });
}

function report(file: string, { exitCode, stdout, stderr }: ProgramResult): void {
  const passed = exitCode === 0;
  if (!passed) failed++;
  writeSync(1, `${passed ? 'passed' : 'failed'} ${file}\n${passed ? '' : stdout + stderr}`);
}

try {
  await Promise.all(Array.from({ length: availableParallelism() }, work));
} finally {
  rmSync(bundle, { recursive: true });
}
process.exitCode = failed > 0 ? 1 : 0;
