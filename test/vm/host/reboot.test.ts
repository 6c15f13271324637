import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { provideImage } from '../image.ts';
import { whatIsMissing } from '../missing.ts';

const CHECKOUT = join(import.meta.dirname, '../../..');

test('a container that was saved is restored after a reboot', {
  skip: whatIsMissing(),
}, async (t) => {
  const image = provideImage(join(CHECKOUT, 'dist/node'));
  if (image === undefined) return t.skip("needs Debian's packages");
  const disk = join(tmpdir(), 'reboot.qcow2');
  image.makeDisk(disk);
  for (const [step, says] of [
    ['save', 'saved\n'],
    ['restore', 'restored\n'],
  ] as const) {
    const machine = await image.boot(CHECKOUT, disk);
    let said = '';
    const status = await machine.run(`exec test/vm/guest/save-and-restore.sh ${step}`, (text) => {
      said += text;
    });
    assert.deepEqual([status, said], [0, says]);
  }
});
