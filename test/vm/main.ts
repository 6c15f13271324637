import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { buildWhenStale } from '../support/build.ts';
import { type Image, provideImage } from './image.ts';
import { whatIsMissing } from './missing.ts';
import { type Suite, suites, suitesOf } from './suites.ts';

/*
 * `npm run test:vm [FILE|DIRECTORY …]`: runs tests in a VM with cgroup v2 alone and systemd as PID 1,
 * as root and as an ordinary user, on a disk that is thrown away. A machine that cannot have the VM
 * says so and skips them.
 */

const root = join(import.meta.dirname, '../..');
const asked = process.argv.slice(2);

const missing = whatIsMissing();
if (missing !== undefined) skip(missing);
buildWhenStale(root);
const image = (await provideImage(join(root, 'dist/node'))) ?? skip("needs Debian's packages");

const total = { passed: 0, failed: 0, skipped: 0 };
for (const suite of asked.length > 0 ? suitesOf(asked) : suites) await runSuite(image, suite);
writeSync(1, `${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);

async function runSuite(image: Image, { user, places }: Suite): Promise<void> {
  writeSync(1, `\nIn the VM, as ${user}:\n`);
  const machine = await image.wake(root);
  let printed = '';
  const status = await machine.run(
    `exec test/vm/run-in-guest.sh ${[user, ...places].join(' ')}`,
    (text, stream) => {
      writeSync(stream === 'out' ? 1 : 2, text);
      if (stream === 'out') printed += text;
    },
  );
  if (status !== 0) process.exitCode = 1;
  const counts = /(\d+) passed, (\d+) failed, (\d+) skipped\n$/.exec(printed);
  if (counts === null) throw new Error(`the tests of ${user} ended without a summary`);
  total.passed += Number(counts[1]);
  total.failed += Number(counts[2]);
  total.skipped += Number(counts[3]);
}

function skip(reason: string): never {
  writeSync(1, `skipped: the tests in the VM: ${reason}\n0 passed, 0 failed\n`);
  process.exit(0);
}
