import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { needsRoot } from '../../support/bundle.ts';
import { bundleWithPlugins } from '../../support/bundle-with-plugins.ts';
import { waitFor } from '../../support/wait-for.ts';

const options = { skip: needsRoot };

/** Starts processes in each of Node's ways, and logs their results. */
const PROCESSES = `
const execute = promisify(execFile);
const ended = (child: ChildProcess) => new Promise((heard) => child.once('exit', heard));
async function processes({ command, log }: { command: string; log(text: string): void }, what: string) {
  const { stdout } = await execute('echo', ['one']);
  const status = await ended(spawn('sh', ['-c', 'exit 2']));
  log([command, what, stdout.trim(), status, execFileSync('echo', ['three']).toString().trim()].join(' '));
}
`;

const IMPORTS = `
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { promisify } from 'node:util';
const ends: Promise<unknown>[] = [];
`;

test('plugins start processes and learn of their end, in every command', options, (t) => {
  const { bundle, command } = bundleWithPlugins(t, {
    args: ['sleep', '1000'],
    imports: IMPORTS + PROCESSES,
    plugins: {
      forker: `
        before: {
          createCgroup: (context) => processes(context, 'createCgroup'),
          pivotRoot: (context) => processes(context, 'pivotRoot'),
          forkExec: (context) => processes(context, 'forkExec'),
          exec: (context) => processes(context, 'exec'),
          removeCgroup: (context) => processes(context, 'removeCgroup'),
        },
        on: {
          'container:stopped': (event, context) => processes(context, 'stopped'),
          'container:deleted': (event, context) => processes(context, 'deleted'),
        }`,
    },
  });
  const told = (expected: number, ...args: string[]) => {
    const { status, stderr } = command(...args);
    assert.equal(status, expected, stderr);
    return [...stderr.matchAll(/plugin forker: ([^"]*) one 2 three/g)]
      .map(([, text]) => text)
      .sort();
  };
  const [create, run] = (['create', 'run'] as const).map((name) => [name, '-b', bundle.dir]);
  assert.deepEqual(told(0, ...create!, bundle.id), ['create createCgroup', 'create pivotRoot']);
  assert.deepEqual(told(0, 'start', bundle.id), ['start exec']);
  assert.deepEqual(told(7, 'exec', bundle.id, 'sh', '-c', 'exit 7'), [
    'exec exec',
    'exec forkExec',
  ]);
  assert.deepEqual(told(0, 'delete', '--force', bundle.id), [
    'delete deleted',
    'delete removeCgroup',
  ]);
  bundle.configure(({ process }) => {
    process.args = ['sh', '-c', 'exit 5'];
  });
  assert.deepEqual(told(5, ...run!, bundle.id), [
    'run createCgroup',
    'run deleted',
    'run exec',
    'run pivotRoot',
    'run removeCgroup',
    'run stopped',
  ]);
});

test('a listener’s open work goes on while the program runs in the foreground', options, (t) => {
  const { bundle, run } = bundleWithPlugins(t, {
    // The program ends after the listener has learned of its process's end.
    args: ['sh', '-c', 'while [ ! -e /heard ]; do sleep 0.05; done; exit 4'],
    imports: IMPORTS,
    plugins: {
      listener: `on: {
        'container:running': (event, { log }) => {
          execFile('sh', ['-c', 'sleep 0.1; exit 3'], (error) => {
            log('heard ' + error?.code);
            setTimeout(() => execFileSync('touch', [process.env.HEARD!]), 50);
          });
        },
      }`,
    },
    spec: ({ root }) => {
      root.readonly = false;
    },
  });
  const { status, stderr } = run({ HEARD: join(bundle.rootfs, 'heard') });
  assert.equal(status, 4, stderr);
  assert.match(stderr, /plugin listener: heard 3/);
});

test(
  'davit reaps orphans and leaves the plugins’ processes alone, also one that outlives the command',
  options,
  async (t) => {
    const orphans = '$( (sleep 0.1 >&2 & echo $!; sleep 0.3 >&2 & echo $!) )';
    const { run } = bundleWithPlugins(t, {
      // The program ends when its orphans have been reaped.
      args: [
        ...['sh', '-c'],
        `for pid in ${orphans}; do while [ -e /proc/$pid ]; do sleep 0.05; done; done; exit 6`,
      ],
      imports: IMPORTS,
      plugins: {
        parent: `
        before: {
          exec({ log }) {
            const children = [['0.05', 1], ['0.2', 2], ['0.2', 3]].map(([seconds, status]) =>
              spawn('sh', ['-c', 'sleep ' + seconds + '; exit ' + status]));
            ends.push(...children.map((child) => new Promise((heard) => child.once('exit', heard))));
            const outlives = spawn('sleep', ['1000'], { stdio: 'ignore', detached: true });
            outlives.unref();
            log('outlives ' + outlives.pid + '.');
          },
        },
        on: {
          'container:stopped': async (event, { log }) => log('ended ' + (await Promise.all(ends))),
        }`,
      },
      // davit gets orphans only from a container without a pid namespace.
      spec: ({ linux }) => {
        linux.namespaces = linux.namespaces.filter(({ type }) => type !== 'pid');
      },
    });
    const { status, stderr } = run();
    const pid = Number(/outlives (\d+)\./.exec(stderr)![1]);
    const outlives = readFileSync(`/proc/${pid}/stat`, 'utf8');
    process.kill(pid, 'SIGKILL');
    await waitFor(() => !existsSync(`/proc/${pid}`));
    assert.equal(status, 6, stderr);
    assert.match(stderr, /ended 1,2,3/);
    assert.match(outlives, /\(sleep\) [RSD]/);
  },
);
