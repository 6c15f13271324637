import assert from 'node:assert/strict';
import { test } from 'node:test';
import { glyphs } from '../../../../../src/trace/read/text/glyphs.ts';
import { drawBar, drawRuler } from '../../../../../src/trace/read/waterfall/bar.ts';

const unicode = glyphs(true);

test('bars have half cells at both ends', () => {
  assert.equal(drawBar(0, 1, 4, unicode), '████');
  assert.equal(drawBar(0.125, 0.625, 4, unicode), '▐█▌ ');
  assert.equal(drawBar(0.5, 0.75, 4, unicode), '  █ ');
  assert.equal(drawBar(0.125, 0.25, 4, unicode), '▐   ');
});

test('a span shorter than half a cell is a line at its place', () => {
  assert.equal(drawBar(0, 0.01, 4, unicode), '▏   ');
  assert.equal(drawBar(0.63, 0.64, 4, unicode), '  ▕ ');
  assert.equal(drawBar(1, 1, 4, unicode), '   ▕');
  assert.equal(drawBar(-3, 7, 4, unicode), '████');
  assert.equal(drawBar(0.5, 0.5, 4, glyphs(false)), '  | ');
});

test('every bar and ruler fills its width', () => {
  for (let width = 8; width < 90; width += 7) {
    for (let n = 0; n < 100; n++) {
      const [start, end] = [Math.random(), Math.random()].sort((a, b) => a - b) as [number, number];
      assert.equal(drawBar(start, end, width, unicode).length, width);
      assert.equal(drawRuler(10 ** (1 + 10 * start), width, unicode).length, width);
    }
  }
});

test('a label of the ruler stands at its time', () => {
  const ruler = drawRuler(20_000_000, 40, unicode);
  assert.equal(ruler, '0─────────5─────────10────────15 ms─────');
  assert.match(drawRuler(800_000, 40, glyphs(false)), /^0-+\d+.* us-*$/);
});
