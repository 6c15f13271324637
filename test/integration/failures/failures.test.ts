import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, suite, test } from 'node:test';
import { needsRoot } from '../../support/bundle.ts';
import { whatIsLeft } from '../../support/leftovers.ts';
import { cell, DOCUMENT, row } from './document.ts';
import type { Mistake } from './mistake.ts';
import { themes } from './mistakes.ts';
import { make } from './outcome.ts';

const documented = readFileSync(DOCUMENT, 'utf8');

function check(mistake: Mistake): void {
  const outcome = make(mistake, 'davit');
  const { hint, ...classified } = mistake.davit;
  assert.deepEqual(outcome.classified, classified, outcome.text);
  const [message, ...advice] = outcome.text.split('\n').filter((line) => !/^\s|^sh: /.test(line));
  if (hint) assert.match(advice.join('\n'), hint);
  else assert.ok(!advice.some((line) => !line.startsWith('config.json: ')), `a hint: ${advice}`);
  if (classified.status === undefined) assert.match(message!, /^davit: \w+ \S+: /);
  assert.ok(!outcome.left, 'the state directory is there');
  const expected = row(mistake.name, cell(outcome));
  assert.ok(
    documented.includes(expected),
    `README.md is old: run document.ts. It lacks ${expected}`,
  );
}

for (const { name, mistakes } of themes) {
  suite(name, { skip: needsRoot }, () => {
    after(() => assert.deepEqual(whatIsLeft(tmpdir()), []));
    for (const mistake of mistakes) {
      test(mistake.name, { skip: mistake.skip ?? false }, () => check(mistake));
    }
  });
}
