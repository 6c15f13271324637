import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { findExecutable } from '../../../src/process/executable.ts';
import { needsRoot } from '../../support/bundle.ts';
import { runChild } from './child.ts';

let directory: string;

before(() => {
  directory = mkdtempSync(join(tmpdir(), 'davit-executable-'));
  chmodSync(directory, 0o755);
  for (const [name, mode] of [
    ['program', 0o755],
    ['text', 0o644],
    ['roots', 0o700],
  ] as const) {
    writeFileSync(join(directory, name), '#!/bin/sh\n');
    chmodSync(join(directory, name), mode);
  }
  mkdirSync(join(directory, 'directory'));
});
after(() => rmSync(directory, { recursive: true }));

test('a path is used unchanged', () => {
  assert.equal(findExecutable('/bin/true', []), '/bin/true');
});

test('a name is searched in the environment’s PATH: the first executable file counts', () => {
  const env = [`PATH=/nonexistent:${directory}:/usr/bin:/bin`];
  assert.equal(findExecutable('program', env), `${directory}/program`);
  assert.equal(findExecutable('env', env), '/usr/bin/env');
  for (const name of ['text', 'directory', 'absent', '', '.', '..']) {
    assert.throws(() => findExecutable(name, env), {
      message: `exec: "${name}": executable file not found in $PATH`,
      code: 'ENOENT',
    });
  }
});

test('without PATH nothing is found, whatever davit’s own PATH is', () => {
  assert.throws(() => findExecutable('sh', ['HOME=/']), {
    message: 'exec: "sh": executable file not found in $PATH',
  });
});

test('a result relative to the working directory is refused', () => {
  const source = `
    import { findExecutable } from './src/process/executable.ts';
    process.chdir('${directory}');
    try { findExecutable('program', ['PATH=:/bin']); } catch (error) { console.log(error.message); }`;
  assert.equal(
    runChild(source).stdout,
    'exec: "program": cannot run executable found relative to current directory\n',
  );
});

test('errors for paths that cannot be executed have runc’s words', () => {
  const messages = {
    '/nonexistent': 'exec: "/nonexistent": stat /nonexistent: no such file or directory',
    '/etc/passwd/x': 'exec: "/etc/passwd/x": stat /etc/passwd/x: not a directory',
    '/etc/passwd': 'exec: "/etc/passwd": permission denied',
    '/etc': 'exec: "/etc": is a directory: permission denied',
  };
  for (const [path, message] of Object.entries(messages)) {
    assert.throws(() => findExecutable(path, []), { message });
  }
});

test('the effective user must have the permission to execute', { skip: needsRoot }, () => {
  const source = `
    import { findExecutable } from './src/process/executable.ts';
    import { setresuid } from './src/syscalls/rights/credentials.ts';
    const find = () => findExecutable('${directory}/roots', []);
    find();
    setresuid(0, 65534, 0);
    try { find(); } catch (error) { console.log(error.message); }`;
  assert.equal(runChild(source).stdout, `exec: "${directory}/roots": permission denied\n`);
});
