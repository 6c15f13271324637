import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { placeOf } from '../../../../src/syscalls/mount/mount-id.ts';
import { needsRoot } from '../../../support/bundle.ts';
import { runCommand } from '../../../support/command.ts';
import { writeRefuser } from '../../../support/system-calls/refuse-calls.ts';

const module = import.meta.resolve('../../../../src/syscalls/mount/mount-id.ts');
const LOOK = `import { placeOf } from '${module}'; console.log(placeOf('/proc/self/root'));`;

test('places differ, and the same place is the same', () => {
  assert.equal(placeOf('/proc/self/root'), placeOf('/proc/thread-self/root'));
  assert.notEqual(placeOf('/proc/self/root'), placeOf('/proc/self/exe'));
});

test('without statx, a place has the path of its file', {
  skip: needsRoot || (process.arch !== 'x64' && 'the filter is of x86-64'),
}, (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'place-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const refuser = writeRefuser(join(directory, 'refuser'), [{ name: 'statx' }], 'EPERM');
  const look = [process.execPath, '--no-warnings', '--input-type=module', '-e', LOOK];
  const { stdout, stderr } = runCommand(refuser, look);
  const { dev, ino } = statSync('/', { bigint: true });
  assert.deepEqual([stdout, stderr], [`${dev} ${ino} /\n`, '']);
});
