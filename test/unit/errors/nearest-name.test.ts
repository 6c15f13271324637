import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearestName } from '../../../src/errors/nearest-name.ts';

test('the nearest name is found by edits and swaps, ignoring case', () => {
  const names = ['start', 'state', 'stats', 'stage:before', 'stage:after', 'CAP_NET_ADMIN', 'ro'];
  assert.equal(nearestName('stat', names), 'state');
  assert.equal(nearestName('satrt', names), 'start');
  assert.equal(nearestName('stage:aftr', names), 'stage:after');
  assert.equal(nearestName('CAP_NET_ADMINN', names), 'CAP_NET_ADMIN');
  assert.equal(nearestName('STATE', names), 'state');
});

test('a name that is far from all others has no suggestion', () => {
  assert.equal(nearestName('frobnicate', ['start', 'state']), undefined);
  assert.equal(nearestName('x', []), undefined);
});
