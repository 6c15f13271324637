import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { cacheDirectory } from '../../../src/state/cache-directory.ts';

const rootless = { rootless: true };

test("the cache is in the user's cache directory, if others may not write there", (t) => {
  const home = mkdtempSync(join(tmpdir(), 'davit-cache-'));
  t.after(() => rmSync(home, { recursive: true }));
  const made = cacheDirectory('a', { HOME: home }, rootless);
  assert.equal(made, join(home, '.cache/davit/a'));
  assert.equal(statSync(made).mode & 0o777, 0o700);
  assert.equal(
    cacheDirectory('a', { HOME: '/', XDG_CACHE_HOME: home }, rootless),
    `${home}/davit/a`,
  );
  chmodSync(made, 0o707);
  assert.equal(cacheDirectory('a', { HOME: home }, rootless), undefined);
});

test('without a suitable directory there is no cache', () => {
  assert.equal(cacheDirectory('a', {}, rootless), undefined);
  assert.equal(cacheDirectory('a', { XDG_CACHE_HOME: 'relative' }, rootless), undefined);
  assert.equal(cacheDirectory('a', { HOME: '/dev/null' }, rootless), undefined);
  assert.equal(cacheDirectory('a', { HOME: '/proc/nope' }, rootless), undefined);
});
