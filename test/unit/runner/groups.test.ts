import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runCommand } from '../../support/command.ts';
import { ALONE, groupFiles, LONG } from '../../support/run/groups.ts';

const root = join(import.meta.dirname, '../../..');

test('each file is in one group, whose process runs it', (t) => {
  const scratch = mkdtempSync(join(tmpdir(), 'groups-'));
  t.after(() => rmSync(scratch, { recursive: true }));
  const many = Array.from({ length: 100 }, (_, i) => `test/unit/${i}.test.ts`);
  const files = [...many, ...ALONE, ...LONG];
  const groups = groupFiles(root, files, join(scratch, 'groups'));
  assert.deepEqual(groups.flatMap((group) => group.files).sort(), files.sort());
  assert.deepEqual(
    groups.slice(0, LONG.length + ALONE.length).map((group) => group.files),
    [...LONG, ...ALONE].map((file) => [file]),
  );
  for (const group of groups) {
    const paths = group.files.map((file) => join(root, file));
    assert.deepEqual(group.files.length > 1 ? imported(group.entry) : [group.entry], paths);
  }
});

const imported = (entry: string): string[] =>
  [...readFileSync(entry, 'utf8').matchAll(/^import '(.*)';$/gm)].map(([, url]) =>
    fileURLToPath(url!),
  );

test('the files that have a process of their own exist', () => {
  assert.deepEqual(
    [...LONG, ...ALONE].filter((file) => !existsSync(join(root, file))),
    [],
  );
});

test('a path without tests is an error', () => {
  const run = join(root, 'test/run.ts');
  for (const place of ['test/unit/nowhere', 'test/unit/nowhere.test.ts', 'README.md']) {
    const { status, stdout, stderr } = runCommand(process.execPath, [run, 'test/unit/bus', place]);
    assert.deepEqual(
      [status, stdout, stderr],
      [2, '', `npm test: ${place}: no such test file, nor a directory with one\n`],
    );
  }
});
