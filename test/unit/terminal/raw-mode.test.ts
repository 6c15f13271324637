import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync } from 'node:fs';
import { test } from 'node:test';
import { tcgetattr } from '../../../src/syscalls/tty/tty.ts';
import { clearOnlcr, setRawMode } from '../../../src/terminal/raw-mode.ts';
import { needsRoot } from '../../support/bundle.ts';
import { openPty } from '../process/pty.ts';

const options = { skip: needsRoot };

/** stty(1)'s description of the terminal, as a list of words. */
function stty(fd: number): Set<string> {
  return new Set(
    execFileSync('stty', ['-a'], { stdio: [fd, 'pipe', 'inherit'], encoding: 'utf8' }).split(
      /[\s;]+/,
    ),
  );
}

test('raw mode, and back, as stty(1) shows them', options, () => {
  const { master, slave } = openPty();
  const before = tcgetattr(slave);
  assert.ok(stty(slave).has('icanon'));
  const restore = setRawMode(slave);
  const words = stty(slave);
  for (const off of ['-icanon', '-isig', '-iexten', '-echo', '-echonl', '-ixon', '-icrnl']) {
    assert.ok(words.has(off), off);
  }
  for (const off of ['-ignbrk', '-brkint', '-parmrk', '-istrip', '-inlcr', '-igncr', '-parenb']) {
    assert.ok(words.has(off), off);
  }
  for (const on of ['cs8', 'opost', 'onlcr']) assert.ok(words.has(on), on);
  restore();
  assert.deepEqual(tcgetattr(slave), before);
  closeSync(slave);
  closeSync(master);
});

test('clearing ONLCR through the master end changes nothing else', options, () => {
  const { master, slave } = openPty();
  const before = stty(slave);
  clearOnlcr(master);
  const after = stty(slave);
  assert.deepEqual([...after.difference(before)], ['-onlcr']);
  closeSync(slave);
  closeSync(master);
});

test('a file that is no terminal gives ENOTTY', options, () => {
  assert.throws(() => setRawMode(0x7fffffff), { code: 'EBADF' });
  const { master, slave } = openPty();
  closeSync(slave);
  closeSync(master);
  assert.throws(() => tcgetattr(master), { code: 'EBADF' });
});
