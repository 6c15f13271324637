import assert from 'node:assert/strict';
import { once } from 'node:events';
import { suite, type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { type Bundle, makeBundle, needsContainers } from '../../support/bundle.ts';
import { type ServerUnderTest, startServer } from '../../support/server.ts';

/* The server is killed or stopped at moments spread over each command that changes something. */

const LOST = 'davit: the server ended during this command, which may be half done\n';
/**
 * Milliseconds after the start of the front: before, while and after the server runs the command.
 */
const MOMENTS = [0, 1, 2, 3, 4, 6, 8, 12];

/** Runs a command, and calls `interrupt` that many milliseconds after its start. */
async function interrupted(
  bundle: Bundle,
  server: ServerUnderTest,
  args: string[],
  { after, interrupt }: { after: number; interrupt: () => void },
) {
  const front = bundle.startRuntime({ env: server.env }, ...args);
  let stderr = '';
  front.stderr!.on('data', (chunk) => {
    stderr += chunk;
  });
  const closed = once(front, 'close');
  await setTimeout(after);
  interrupt();
  const [status] = await closed;
  return { status: status as number, stderr };
}

const COMMANDS: Record<string, { args: string[]; before: string[][] }> = {
  start: { args: ['start'], before: [] },
  pause: { args: ['pause'], before: [['start']] },
  resume: { args: ['resume'], before: [['start'], ['pause']] },
  update: { args: ['update', '--pids-limit', '50'], before: [['start']] },
  kill: { args: ['kill'], before: [['start']] },
  delete: { args: ['delete', '--force'], before: [['start']] },
};

/** Makes a container in the state that the command needs. */
function prepared(t: TestContext, before: string[][]): Bundle {
  const bundle = makeBundle(t, { args: ['sleep', '100'] });
  for (const args of [['create', '--bundle', bundle.dir], ...before]) {
    assert.equal(bundle.served(...args, bundle.id).stderr, '');
  }
  return bundle;
}

suite('the server is interrupted during', { skip: needsContainers }, () => {
  for (const [name, { args, before }] of Object.entries(COMMANDS)) {
    test(`${name}: killed`, async (t) => {
      for (const after of MOMENTS) {
        const server = await startServer(t);
        const bundle = prepared(t, before);
        const interrupt = () => server.kill('SIGKILL');
        const command = [...args, bundle.id];
        const { status, stderr } = await interrupted(bundle, server, command, { after, interrupt });
        // The command was done once, with or without the server, or it failed with a message.
        if (status === 0) assert.equal(stderr, '');
        else assert.deepEqual([status, stderr], [1, LOST]);
        assert.equal(bundle.served('delete', '--force', bundle.id).stderr, '');
        await bundle.expectNothingLeftSoon();
      }
    });

    test(`${name}: stopped, and continued later`, async (t) => {
      const server = await startServer(t);
      for (const after of MOMENTS.filter((_, i) => i % 3 === 1)) {
        const bundle = prepared(t, before);
        let continued: Promise<void> = Promise.resolve();
        const interrupt = () => {
          server.kill('SIGSTOP');
          // Longer than a front waits for a server that has not started on its command.
          continued = setTimeout(1500).then(() => server.kill('SIGCONT'));
        };
        const command = [...args, bundle.id];
        const { status, stderr } = await interrupted(bundle, server, command, { after, interrupt });
        assert.deepEqual([status, stderr], [0, '']);
        await continued;
        // For what the server still does.
        await setTimeout(100);
        assert.equal(bundle.served('delete', '--force', bundle.id).stderr, '');
      }
    });
  }
});
