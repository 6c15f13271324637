import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, suite, test } from 'node:test';
import { needsRoot } from '../../support/bundle.ts';
import { whatIsLeft } from '../../support/run/leftovers.ts';
import { cell, DOCUMENT, row } from './document.ts';
import type { Mistake } from './mistake.ts';
import { themes } from './mistakes.ts';
import { make } from './outcome.ts';

// The name tells leftovers of this test from those of tests that run at the same time.
process.env.TMPDIR = mkdtempSync(join(tmpdir(), `${basename(tmpdir())}-failures-`));
chmodSync(tmpdir(), 0o755);

const documented = readFileSync(DOCUMENT, 'utf8');

function check(mistake: Mistake): void {
  const outcome = make(mistake, 'davit');
  const { hint, ...classified } = mistake.davit;
  assert.deepEqual(outcome.classified, classified, outcome.text);
  const lines = outcome.text.split('\n').filter((line) => !/^(config\.json|sh): /.test(line));
  const hints = outcome.text.match(/(?<= \(hint: ).*(?=\)$)/gm) ?? [];
  if (hint) assert.match(outcome.text, hint);
  else assert.deepEqual([...hints, ...lines.slice(1)], [], outcome.text);
  if (classified.status === undefined) assert.match(lines[0]!, /^davit: \w+ \S+: /);
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
