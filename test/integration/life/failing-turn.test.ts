import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeBundle, needsRoot } from '../../support/bundle.ts';
import { DAVIT, runCommand } from '../../support/command.ts';
import { has } from '../../support/host/has.ts';

const skip = needsRoot || (!has('strace') && 'needs strace');
const STRACE = ['-f', '-qq', '-e', 'trace=sendto'];

for (const errno of ['ENOBUFS', 'EAGAIN', 'ENOMEM']) {
  test(`create: the message that gives init its turn cannot be sent: ${errno}`, { skip }, (t) => {
    const bundle = makeBundle(t);
    const log = ['-o', join(bundle.dir, 'strace')];
    const inject = ['-e', `inject=sendto:error=${errno}:when=1`];
    const create = ['--root', bundle.root, 'create', '--bundle', bundle.dir, bundle.id];
    const args = [...STRACE, ...log, ...inject, DAVIT, ...create];
    const { status, stderr } = runCommand('strace', args, {
      // The message is of a davit without a server: with one, strace would wait for init, which it traces.
      env: { DAVIT_TRACE_DIR: bundle.traces, DAVIT_SERVER: '' },
    });
    assert.equal(status, 1, stderr);
    const failure = new RegExp(`create \\S+: \\w+: give init its turn: ${errno}: `);
    assert.match(stderr.trim().split('\n').at(-1)!, failure);
    bundle.expectNothingLeft();
  });
}
