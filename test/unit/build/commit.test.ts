import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { describeCommit } from '../../../tools/build/commit.ts';

const options = { skip: spawnSync('git', ['--version']).error ? 'needs git' : false };

test('a build has its commit, marked if files differ from it', options, (t) => {
  const tree = mkdtempSync(join(tmpdir(), 'commit-'));
  t.after(() => rmSync(tree, { recursive: true }));
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x', ...args], { cwd: tree });
  git('init', '--quiet');
  writeFileSync(join(tree, 'file'), 'one');
  git('add', '.');
  git('commit', '--quiet', '--message', 'first');
  const head = git('rev-parse', 'HEAD').toString();
  const commit = describeCommit(tree);
  assert.match(commit!, /^[0-9a-f]{12}$/);
  assert.ok(head.startsWith(commit!));
  writeFileSync(join(tree, 'file'), 'two');
  assert.equal(describeCommit(tree), `${commit}-dirty`);
});

test('a tarball unpacked inside another repository has no commit', options, (t) => {
  const tree = mkdtempSync(join(tmpdir(), 'commit-'));
  t.after(() => rmSync(tree, { recursive: true }));
  const tarball = join(tree, 'davit');
  mkdirSync(tarball);
  assert.equal(describeCommit(tarball), undefined);
  execFileSync('git', ['init', '--quiet'], { cwd: tree });
  assert.equal(describeCommit(tarball), undefined);
});
