import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { waitFor } from '../../support/wait-for.ts';
import { provideImage } from '../image.ts';
import { whatIsMissing } from '../missing.ts';

const CHECKOUT = join(import.meta.dirname, '../../..');
const CUTS = Number(process.env.DAVIT_TEST_POWER_CUTS ?? 2);
/** Milliseconds for booting and making the first containers. */
const BOOTING = 120_000;

test('after a power cut every command works, and delete --force leaves nothing', {
  skip: whatIsMissing(),
}, async (t) => {
  const image = provideImage(join(CHECKOUT, 'dist/node'));
  if (image === undefined) return t.skip("needs Debian's packages");
  const disk = join(tmpdir(), 'power-cut.qcow2');
  image.makeDisk(disk);
  for (let cut = 1; cut <= CUTS; cut++) {
    const machine = await image.boot(CHECKOUT, disk);
    let said = '';
    const gone = machine.run('exec test/vm/guest/churn.sh', (text) => {
      said += text;
    });
    const cutOff = assert.rejects(gone, /ended without a status/);
    await waitFor(() => said.split('\nturn ').length > 12, BOOTING);
    await setTimeout(Math.random() * 2000);
    await machine.powerOff();
    await cutOff;
    assert.match(said, /^recovered\n/, said);
  }
  const machine = await image.boot(CHECKOUT, disk);
  let said = '';
  const status = await machine.run('exec test/vm/guest/churn.sh recover', (text) => {
    said += text;
  });
  assert.deepEqual([status, said], [0, 'recovered\n']);
});
