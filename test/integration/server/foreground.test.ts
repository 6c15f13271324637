import assert from 'node:assert/strict';
import { once } from 'node:events';
import { suite, type TestContext, test } from 'node:test';
import { makeBundle, needsRoot } from '../../support/bundle.ts';
import { startServer } from '../../support/server.ts';
import { waitFor } from '../../support/wait-for.ts';

/* run and exec in the foreground: the server makes the process, and the front waits for it. */

/** The same with a server and without one. */
async function bothWays(
  t: TestContext,
  look: (env: Record<string, string>) => Promise<unknown>,
): Promise<void> {
  const server = await startServer(t);
  assert.deepEqual(await look(server.env), await look({ DAVIT_SERVER: '' }));
  server.expectServed();
}

suite('in the foreground, with a server as without', { skip: needsRoot }, () => {
  test('run passes stdio and the status on, and leaves nothing', async (t) => {
    await bothWays(t, async (env) => {
      const bundle = makeBundle(t, { args: ['sh', '-c', 'cat; echo error >&2; exit 3'] });
      const { status, stdout, stderr } = bundle.runtimeWith(
        { env, input: 'in' },
        ...['run', '--bundle', bundle.dir, bundle.id],
      );
      bundle.expectNothingLeft();
      return [status, stdout, stderr];
    });
  });

  test('exec: statuses, a signal, a program that is missing', async (t) => {
    await bothWays(t, async (env) => {
      const bundle = makeBundle(t, { args: ['sleep', '100'] });
      bundle.runDetached();
      const programs = [
        ['sh', '-c', 'cat; exit 7'],
        ['sh', '-c', 'kill -9 $$'],
        ['missing'],
        ['true'],
      ];
      return programs.map((args) => {
        const done = bundle.runtimeWith({ env, input: 'x' }, 'exec', bundle.id, ...args);
        return [done.status, done.stdout, done.stderr.replaceAll(bundle.id, 'ID')];
      });
    });
  });

  test('signals go to the program, and orphans are reaped', async (t) => {
    await bothWays(t, async (env) => {
      const script =
        'trap "echo got; exit 9" TERM; sleep 0.1 & echo ready; while :; do sleep 0.1; done';
      const bundle = makeBundle(t, { args: ['sh', '-c', script] });
      const front = bundle.startRuntime({ env }, 'run', '--bundle', bundle.dir, bundle.id);
      let stdout = '';
      front.stdout!.on('data', (chunk) => {
        stdout += chunk;
      });
      const closed = once(front, 'close');
      await waitFor(() => stdout.includes('ready'));
      front.kill('SIGTERM');
      const [status, signal] = await closed;
      bundle.expectNothingLeft();
      return [status, signal, stdout];
    });
  });

  test('a front that is killed leaves its container running', async (t) => {
    const server = await startServer(t);
    const bundle = makeBundle(t, { args: ['sleep', '100'] });
    const { env } = server;
    const front = bundle.startRuntime({ env }, 'run', '--bundle', bundle.dir, bundle.id);
    await waitFor(() => /"status": "running"/.test(bundle.served('state', bundle.id).stdout));
    const closed = once(front, 'exit');
    front.kill('SIGKILL');
    await closed;
    assert.equal(bundle.state().status, 'running');
    assert.equal(bundle.runtimeWith({ env }, 'delete', '--force', bundle.id).stderr, '');
    bundle.expectNothingLeft();
  });
});
