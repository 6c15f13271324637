import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildWhenStale } from '../support/run/build.ts';
import { type Image, provideImage } from './image.ts';
import type { Print } from './machine/machine.ts';
import { whatIsMissing } from './missing.ts';
import { type Suite, suites, suitesOf, WHERE } from './suites.ts';

/*
 * `npm run test:vm [FILE|DIRECTORY …]`: runs tests in a VM with only cgroup v2 and with systemd as
 * PID 1, as root and as an ordinary user, on a disk that is discarded. `-- --user FILE …` runs the
 * files as the user. On a machine that cannot run the VM, it says so and skips them.
 */

const root = join(import.meta.dirname, '../..');
const { values, positionals: asked } = parseArgs({
  allowPositionals: true,
  options: { user: { type: 'boolean', default: false } },
});
const chosen = values.user ? [{ where: 'vmuser' as const, places: asked }] : suitesOf(asked);

const missing = whatIsMissing();
if (missing !== undefined) skip(missing);
buildWhenStale(root);
const image = provideImage(join(root, 'dist/node')) ?? skip("needs Debian's packages");

const total = { passed: 0, failed: 0, skipped: 0 };
for (const suite of asked.length > 0 ? chosen : suites) await runSuite(image, suite);
writeSync(1, `${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);

async function runSuite(image: Image, { where, places }: Suite): Promise<void> {
  writeSync(1, `\n${WHERE[where]}:\n`);
  let printed = '';
  const print: Print = (text, stream) => {
    writeSync(stream === 'out' ? 1 : 2, text);
    if (stream === 'out') printed += text;
  };
  const status = await (where === 'host'
    ? runHere(places, print)
    : runIn(image, where, places, print));
  if (status !== 0) process.exitCode = 1;
  const counts = /(\d+) passed, (\d+) failed, (\d+) skipped\n$/.exec(printed);
  if (counts === null) throw new Error(`${where}: the tests ended without a summary`);
  total.passed += Number(counts[1]);
  total.failed += Number(counts[2]);
  total.skipped += Number(counts[3]);
}

async function runIn(
  image: Image,
  where: Exclude<Suite['where'], 'host'>,
  places: readonly string[],
  print: Print,
) {
  const args = [where === 'vmuser' ? 'vmuser' : 'root', ...places];
  const run = async () => {
    const machine = await image.wake(root, where === 'selinux' ? 'selinux' : 'apparmor');
    return await machine.run(`exec test/vm/guest/run-tests.sh ${args.join(' ')}`, print);
  };
  try {
    return await run();
  } catch (error) {
    // Emulated machines have been seen to stop for good, with both CPUs busy.
    writeSync(1, `${(error as Error).message}\nOnce more:\n`);
    return await run();
  }
}

async function runHere(places: readonly string[], print: Print): Promise<number | null> {
  const child = spawn(process.execPath, ['test/run.ts', ...places], {
    cwd: root,
    // Tests on the host boot emulated machines: wait fifty times as long.
    env: { ...process.env, DAVIT_TEST_PATIENCE: process.env.DAVIT_TEST_PATIENCE ?? '50' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.stdout.on('data', (text: Buffer) => print(text, 'out'));
  const [status] = await once(child, 'close');
  return status;
}

function skip(reason: string): never {
  writeSync(1, `skipped: the tests in the VM: ${reason}\n0 passed, 0 failed, 0 skipped\n`);
  process.exit(0);
}
