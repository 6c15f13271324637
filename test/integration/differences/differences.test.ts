import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { makeBundle, needsRoot, type RuntimeName } from '../../support/bundle.ts';
import { refused, taken } from './differences.ts';
import { DOCUMENT, text } from './document.ts';

const options = {
  skip: needsRoot || (spawnSync('runc', ['--version']).error ? 'needs runc' : false),
};

for (const [list, stricter] of [
  [refused, 'davit'],
  [taken, 'runc'],
] as const) {
  for (const { name, spec, command = 'run' } of list) {
    test(`${stricter} refuses: ${name}`, options, (t) => {
      const takes = (runtime: RuntimeName): boolean =>
        makeBundle(t, { spec, runtime })[command]().status === 0;
      assert.deepEqual(
        [takes('davit'), takes('runc')],
        [stricter === 'runc', stricter === 'davit'],
      );
    });
  }
}

test('README.md lists every difference', () => {
  assert.equal(readFileSync(DOCUMENT, 'utf8'), text(), 'run document.ts');
});
