import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { makeBundle, needsRoot } from '../../support/bundle.ts';
import { davit } from '../../support/command.ts';
import { waitFor } from '../../support/wait-for.ts';

test('trace --follow prints a line for each command when it ends', {
  skip: needsRoot,
}, async (t) => {
  const bundle = makeBundle(t, { args: ['true'] });
  const following = (...flags: string[]) => {
    const child = bundle.startRuntime({}, 'trace', '--follow', ...flags);
    const lines = { text: '' };
    child.stdout!.setEncoding('utf8').on('data', (text) => {
      lines.text += text;
    });
    t.after(() => child.kill('SIGKILL'));
    return { child, lines };
  };
  const all = following();
  const failures = following('--failed', '--json', `${bundle.id.slice(0, -1)}*`);
  // What is stored before both followers look is not printed.
  await waitFor(() => {
    bundle.runtime('kill', bundle.id);
    return all.lines.text !== '' && failures.lines.text !== '';
  });
  assert.equal(bundle.run().status, 0);
  await waitFor(() => / run +[\d.]+ m?s /.test(all.lines.text));
  const pattern = new RegExp(`^\\d{4}-\\d\\d-\\d\\d [\\d:.]+Z  ${bundle.id}  `);
  for (const line of all.lines.text.trim().split('\n')) assert.match(line, pattern);
  assert.match(all.lines.text, / kill .* x container does not exist/);
  for (const line of failures.lines.text.trim().split('\n')) {
    assert.ok(JSON.parse(line).resourceSpans);
    assert.match(line, /davit kill/);
  }
  const ended = once(all.child, 'exit');
  all.child.kill('SIGINT');
  assert.deepEqual(await ended, [null, 'SIGINT']);
});

test('--follow cannot be combined with a view', () => {
  for (const [flag, ...value] of [['--list'], ['--last'], ['--since', '1h'], ['--html', 'x']]) {
    assert.match(davit('trace', '--follow', flag!, ...value).stderr, /exclude each other/);
  }
});
