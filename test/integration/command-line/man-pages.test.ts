import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { commands } from '../../../src/cli/commands.ts';
import { DAVIT, runCommand } from '../../support/command.ts';
import { has } from '../../support/host/has.ts';

const PAGES = join(dirname(DAVIT), 'man/man8');

const page = (name: string): string => {
  const { stdout, stderr, status } = runCommand('man', ['--local-file', join(PAGES, name)], {
    env: { ...process.env, MANWIDTH: '100', MAN_KEEP_FORMATTING: '', LC_ALL: 'C.UTF-8' },
  });
  assert.deepEqual([status, stderr], [0, '']);
  return stdout;
};

test('every command has a man page that man(1) can show', {
  skip: !has('man') && 'needs man',
}, () => {
  const names = Object.keys(commands).map((name) => `davit-${name}.8`);
  assert.deepEqual(readdirSync(PAGES).sort(), ['davit.8', ...names].sort());
  const start = page('davit.8');
  for (const name of Object.keys(commands)) assert.match(start, new RegExp(`davit-${name}\\(8\\)`));
  const kill = page('davit-kill.8');
  assert.match(kill, /davit-kill - send a signal to a container's first process/);
  assert.match(kill, /davit kill \[options\] id \[signal\]/);
  assert.match(kill, /-r, --regex/);
  assert.match(page('davit-run.8'), /--bundle <value>\s+bundle directory/);
});

test('mandoc finds no mistake in the man pages', { skip: !has('mandoc') && 'needs mandoc' }, () => {
  for (const name of readdirSync(PAGES)) {
    const { stdout } = runCommand('mandoc', ['-T', 'lint', '-W', 'error', join(PAGES, name)]);
    assert.equal(stdout, '', name);
  }
});
