import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type Bundle, makeBundle, needsContainers } from '../../support/bundle.ts';
import { DAVIT, startCommand } from '../../support/command.ts';
import { startServer } from '../../support/server.ts';

const AT_ONCE = 8;

/** Asks the server to run a command. Returns the exit status and the standard error. */
async function ask(bundle: Bundle, env: Record<string, string>, args: readonly string[]) {
  const traces = { DAVIT_TRACE_DIR: bundle.traces };
  const front = startCommand(DAVIT, ['--root', bundle.root, ...args], {
    env: { ...env, ...traces },
  });
  let text = '';
  front.stderr!.on('data', (data: Buffer) => {
    text += data;
  });
  const [status] = await once(front, 'close');
  return [status, text];
}

test('concurrent requests are all carried out', { skip: needsContainers }, async (t) => {
  const server = await startServer(t);
  const bundle = makeBundle(t, { args: ['sleep', '100'] });
  const ids = Array.from({ length: AT_ONCE }, (_, i) => `${bundle.id}-${i}`);
  for (const id of ids) {
    assert.equal(bundle.runtime('create', '--bundle', bundle.dir, id).stderr, '');
  }
  const commands: [name: string, args: (id: string) => string[]][] = [
    ['start', (id) => ['start', id]],
    ['kill', (id) => ['kill', id, 'KILL']],
    ['delete', (id) => ['delete', '--force', id]],
    ['state', (id) => ['state', id]],
  ];
  for (const [name, args] of commands) {
    // While the server is stopped, requests queue up: it then receives all of them at once.
    server.kill('SIGSTOP');
    const answers = ids.map((id) => ask(bundle, server.env, args(id)));
    await delay(100);
    server.kill('SIGCONT');
    const expected = ids.map((id) =>
      name === 'state' ? [1, `davit: state ${id}: container does not exist\n`] : [0, ''],
    );
    assert.deepEqual(await Promise.all(answers), expected, name);
    assert.match(server.status(), new RegExp(`^${name} +[1-9]`, 'm'));
  }
  assert.equal(bundle.runtime('list', '--quiet').stdout, '');
});
