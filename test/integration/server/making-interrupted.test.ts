import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { type Bundle, makeBundle, needsRoot } from '../../support/bundle.ts';
import { type ServerUnderTest, startServer } from '../../support/server.ts';
import { waitFor } from '../../support/wait-for.ts';

/* The server, the front, the helper or init is killed at moments that are spread over the commands that make processes. */

const LOST = 'davit: the server ended during this command, which may be half done\n';
/** Milliseconds after the start of the front. */
const MOMENTS = [0, 3, 6, 10, 15, 25, 40];

const COMMANDS: Record<string, (bundle: Bundle) => string[]> = {
  create: ({ dir, id }) => ['create', '--bundle', dir, id],
  'run --detach': ({ dir, id }) => ['run', '--detach', '--bundle', dir, id],
  'exec --detach': ({ id }) => ['exec', '--detach', id, 'sleep', '100'],
};

async function interrupted(
  bundle: Bundle,
  server: ServerUnderTest,
  args: string[],
  { after, interrupt }: { after: number; interrupt: (front: ChildProcess) => void },
) {
  // A file: the end of a pipe, which the container holds open as well, would not come.
  const file = join(bundle.dir, 'stderr');
  const stderr = openSync(file, 'w');
  const stdio = ['ignore', 'ignore', stderr] as const;
  const front = bundle.startRuntime({ env: server.env, stdio: [...stdio] }, ...args);
  closeSync(stderr);
  const exited = once(front, 'exit');
  await setTimeout(after);
  interrupt(front);
  const [status] = await exited;
  return { status: status as number | null, stderr: readFileSync(file, 'utf8') };
}

function prepared(t: TestContext, name: string): Bundle {
  const bundle = makeBundle(t, { args: ['sleep', '100'] });
  if (name.startsWith('exec'))
    assert.equal(bundle.served('run', '--detach', '--bundle', bundle.dir, bundle.id).stderr, '');
  return bundle;
}

/** A detached command succeeds if the process is killed when it executes the program. */
const ENDED_EARLY = /^(time=\S+ level=warning msg="exec: container init ended unexpectedly".*\n)?$/;

/** What a command says whose server, helper or process was killed. */
const ENDED = /^davit: (the server ended during this command|.*ended unexpectedly|.*ended before)/;

/** Kills a process's children, so many milliseconds after they are there. */
function killChildren(parent: number, after: number): void {
  const begin = performance.now();
  while (childrenOf(parent).length === 0 && performance.now() < begin + 1000);
  const born = performance.now();
  while (performance.now() < born + after);
  for (const pid of childrenOf(parent)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, 'ESRCH');
    }
  }
}

/** No children for a process that has ended. */
function childrenOf(pid: number): number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return children.split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

suite('in the middle of', { skip: needsRoot }, () => {
  for (const [name, argsOf] of Object.entries(COMMANDS)) {
    test(`${name} the server is killed`, async (t) => {
      for (const after of MOMENTS) {
        const server = await startServer(t);
        const bundle = prepared(t, name);
        const interrupt = () => server.kill('SIGKILL');
        const done = await interrupted(bundle, server, argsOf(bundle), { after, interrupt });
        if (done.status === 0) assert.equal(done.stderr, '');
        else assert.deepEqual([done.status, done.stderr], [1, LOST]);
        assert.equal(bundle.served('delete', '--force', bundle.id).stderr, '');
        await bundle.expectNothingLeftSoon();
      }
    });

    test(`${name} the front is killed`, async (t) => {
      const server = await startServer(t);
      for (const after of MOMENTS) {
        const bundle = prepared(t, name);
        const interrupt = (front: ChildProcess) => front.kill('SIGKILL');
        await interrupted(bundle, server, argsOf(bundle), { after, interrupt });
        // The server undoes, or does, what it had begun.
        await waitFor(() => server.status() !== '');
        await setTimeout(100);
        const deleted = bundle.runtimeWith({ env: server.env }, 'delete', '--force', bundle.id);
        assert.equal(deleted.stderr, '');
        await bundle.expectNothingLeftSoon();
      }
    });
  }

  for (const [name, argsOf] of Object.entries(COMMANDS)) {
    for (const victim of ['helper', 'process'] as const) {
      test(`${name} the ${victim} is killed`, async (t) => {
        const server = await startServer(t);
        for (const after of MOMENTS) {
          const bundle = prepared(t, name);
          const interrupt = (front: ChildProcess) =>
            killChildren(victim === 'helper' ? server.pid : front.pid!, after);
          const args = argsOf(bundle);
          const done = await interrupted(bundle, server, args, { after: 0, interrupt });
          assert.match(done.stderr, done.status === 0 ? ENDED_EARLY : ENDED);
          // The same process serves on, if need be anew.
          await waitFor(() => server.status().includes(`pid ${server.pid},`));
          const deleted = bundle.runtimeWith({ env: server.env }, 'delete', '--force', bundle.id);
          assert.equal(deleted.stderr, '');
          await bundle.expectNothingLeftSoon();
          // Of a server that was executed anew, the last command reaps what its helper has left.
          await waitFor(() => server.status() !== '' && childrenOf(server.pid).length === 0);
        }
      });
    }
  }

  test('a stopped server: the command runs without it, once', async (t) => {
    const server = await startServer(t);
    server.kill('SIGSTOP');
    const bundle = makeBundle(t, { args: ['sleep', '100'] });
    const { env } = server;
    const done = bundle.runtimeWith({ env }, 'create', '--bundle', bundle.dir, bundle.id);
    assert.deepEqual([done.status, done.stderr], [0, '']);
    server.kill('SIGCONT');
    assert.match(server.status(), /the front has waited too long|the front has gone/);
    assert.equal(bundle.served('delete', '--force', bundle.id).stderr, '');
    bundle.expectNothingLeft();
  });
});
