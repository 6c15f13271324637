import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { provideImage } from '../image.ts';
import { whatIsMissing } from '../missing.ts';

const CHECKOUT = join(import.meta.dirname, '../../..');
const SCRIPT = join(CHECKOUT, 'test/vm/guest/debian-package.sh');

test('the Debian package is installed, upgraded and removed under systemd', {
  skip: whatIsMissing(),
}, async (t) => {
  const image = provideImage(join(CHECKOUT, 'dist/node'));
  if (image === undefined) return t.skip("needs Debian's packages");
  const scratch = mkdtempSync(join(tmpdir(), 'deb-'));
  const version = makePackages(scratch);
  const machine = await image.wake(scratch, 'apparmor');
  let said = '';
  let warned = '';
  const status = await machine.run(readFileSync(SCRIPT, 'utf8'), (text, stream) => {
    if (stream === 'out') said += text;
    else warned += text;
  });
  assert.deepEqual(
    [status, said.trimEnd().split('\n')],
    [
      0,
      [
        ...['aboard', 'aboard', 'server: active active'],
        ...[`version: ${version}`, 'aboard', 'server: active active', 'the same process'],
        ...['server: inactive inactive', 'traces', 'no davit'],
      ],
    ],
    warned,
  );
});

/** Makes old.deb and new.deb in `directory`. Returns the version of the new one. */
function makePackages(directory: string): string {
  run(process.execPath, join(CHECKOUT, 'tools/deb.ts'), '--out', directory);
  const [made] = globSync('*.deb', { cwd: directory });
  renameSync(join(directory, made!), join(directory, 'old.deb'));
  const content = join(directory, 'content');
  mkdirSync(content);
  run('dpkg-deb', '--raw-extract', join(directory, 'old.deb'), content);
  const control = join(content, 'DEBIAN/control');
  const old = readFileSync(control, 'utf8');
  const version = `${/^Version: (.*)$/m.exec(old)![1]}+1`;
  writeFileSync(control, old.replace(/^Version: .*$/m, `Version: ${version}`));
  run(
    'dpkg-deb',
    '-Zgzip',
    '-z1',
    '--root-owner-group',
    '--build',
    content,
    `${directory}/new.deb`,
  );
  return version;
}

function run(command: string, ...args: string[]): void {
  const { status, error, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (error) throw error;
  assert.equal(status, 0, stderr);
}
