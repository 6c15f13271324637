import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { writeCodeCache } from '../../../tools/build/code-cache/code-cache.ts';
import { needsRoot } from '../../support/bundle.ts';
import { DAVIT } from '../../support/command.ts';
import { builtFiles } from '../../support/run/build.ts';
import { cgroupsNamed } from '../../support/run/leftovers.ts';

// `start` executes another program in its own process, so nothing in that process can clean up.
test('the build leaves no files and no cgroups of its warm-up', { skip: needsRoot }, (t) => {
  const { TMPDIR } = process.env;
  const scratch = mkdtempSync('/tmp/dt-code-cache-');
  t.after(() => {
    process.env.TMPDIR = TMPDIR;
    rmSync(scratch, { recursive: true });
  });
  const directory = join(scratch, 'build');
  cpSync(builtFiles(), directory, { recursive: true });
  process.env.TMPDIR = join(scratch, 'temporary');
  mkdirSync(process.env.TMPDIR);
  const id = writeCodeCache(join(dirname(DAVIT), 'node'), directory, 'start');
  assert.deepEqual(readdirSync(process.env.TMPDIR), []);
  assert.deepEqual(cgroupsNamed(id), []);
  assert.ok(statSync(join(directory, `start-${process.arch}.cache`)).size > 0);
});
