import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, fstatSync, mkdtempSync, openSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { needsRoot } from '../../support/bundle.ts';

const options = { skip: needsRoot };

const SOURCE = join(import.meta.dirname, '../../../src/process/stdio.ts');
const program = (uid: number) => [
  '--input-type=module-typescript',
  '-e',
  `import { fixStdioOwnership } from '${SOURCE}'; fixStdioOwnership(${uid});`,
];

test('stdio is given to the user, its group stays, /dev/null is nobody’s to give', options, (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'davit-stdio-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const nobodys = openSync('/dev/null', 'r');
  const out = openSync(join(directory, 'out'), 'w');
  chmodSync(join(directory, 'out'), 0o640);
  const { status } = spawnSync(process.execPath, program(4321), { stdio: [nobodys, out, out] });
  assert.equal(status, 0);
  assert.deepEqual([fstatSync(out).uid, fstatSync(out).gid], [4321, 0]);
  // Not 0: a crun that another test runs may be giving it to somebody.
  assert.notEqual(statSync('/dev/null').uid, 4321);
});

test('what may not be changed stays', options, (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'davit-stdio-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const out = openSync(join(directory, 'out'), 'w');
  chmodSync(directory, 0o755);
  const { status, stderr } = spawnSync(
    'setpriv',
    ['--bounding-set=-chown', '--', process.execPath, ...program(4321)],
    { stdio: ['ignore', out, 'pipe'] },
  );
  assert.equal(status, 0, stderr?.toString());
  assert.equal(fstatSync(out).uid, 0);
});
