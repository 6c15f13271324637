import assert from 'node:assert/strict';
import { test } from 'node:test';
import { terminalOptions } from '../../../../src/telemetry/waterfall/terminal.ts';

test('colour and width are for terminals, characters for locales', () => {
  const tty = { isTTY: true, columns: 132 };
  assert.deepEqual(terminalOptions({ LANG: 'de_DE.UTF-8' }, tty), {
    width: 132,
    color: true,
    unicode: true,
  });
  assert.deepEqual(terminalOptions({ LANG: 'C.utf8', LC_ALL: 'C' }, {}), {
    width: 100,
    color: false,
    unicode: false,
  });
  assert.equal(terminalOptions({ NO_COLOR: '1' }, tty).color, false);
  assert.equal(terminalOptions({ NO_COLOR: '' }, tty).color, true);
  assert.equal(terminalOptions({ TERM: 'dumb' }, tty).color, false);
  assert.equal(terminalOptions({ COLUMNS: '70' }, {}).width, 70);
  assert.equal(terminalOptions({}, { isTTY: true, columns: 20 }).width, 50);
});
