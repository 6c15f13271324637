import assert from 'node:assert/strict';
import { test } from 'node:test';
import { terminalSvg } from '../../../tools/recordings/terminal-svg.ts';

test('colours become classes, long lines are wrapped, and text is escaped', () => {
  const output = '\x1b[1;31mfailed\x1b[0m <&>\r\n0123456789abc\r\n';
  const svg = terminalSvg([{ command: 'davit run <x>', output }], 10, 'a & b');
  const texts = [...svg.matchAll(/<text [^>]*>(.*)<\/text>/g)].map(([, text]) => text);
  assert.deepEqual(texts, [
    '<tspan class="typed">$ </tspan>davit run &lt;x&gt;',
    '<tspan class="c1 c31">failed</tspan><tspan class=""> &lt;&amp;&gt;</tspan>',
    '<tspan class="">0123456789</tspan>',
    '<tspan class="">abc</tspan>',
  ]);
  assert.match(svg, /<title>a &amp; b<\/title>/);
});
