import assert from 'node:assert/strict';
import { closeSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { closeStartFifos, openStartFifos } from '../../../src/state/start-fifos.ts';
import { connectUnix, SOCK_SEQPACKET } from '../../../src/syscalls/network/socket.ts';
import { makeBundle, needsRoot, type TestSpec } from '../../support/bundle.ts';

const connectAndLeave = (stateDir: string): void =>
  closeSync(connectUnix(SOCK_SEQPACKET, join(stateDir, 'notify.sock')));

interface Way {
  how: string;
  spec: (spec: TestSpec) => void;
  /** Acts like a `davit start` that dies before it releases init. */
  leave: (stateDir: string) => void;
}

/**
 * The ways in which init waits. With startContainer hooks, init gets a turn after start. A filter
 * may refuse to accept a connection.
 */
const ways: Way[] = [
  { how: 'as a trampoline', spec: () => {}, leave: connectAndLeave },
  {
    how: 'with a startContainer hook',
    spec: (spec) => {
      spec.hooks = { startContainer: [{ path: '/bin/true' }] };
    },
    leave: connectAndLeave,
  },
  {
    how: 'under a filter',
    spec: (spec) => {
      spec.process.noNewPrivileges = false;
      spec.linux.seccomp = {
        defaultAction: 'SCMP_ACT_ALLOW',
        syscalls: [{ names: ['accept4', 'dup3', 'recvfrom'], action: 'SCMP_ACT_ERRNO' }],
      };
    },
    leave: (stateDir) => closeStartFifos(openStartFifos(stateDir)!),
  },
];

for (const { how, spec, leave } of ways) {
  const waiting = (args: string[]) => ({ args, spec });

  test(`${how}: a start that dies early changes nothing`, { skip: needsRoot }, (t) => {
    const bundle = makeBundle(t, waiting(['sleep', '1000']));
    bundle.create();
    for (let i = 0; i < 5; i++) leave(join(bundle.root, bundle.id));
    assert.equal(bundle.state().status, 'created');
    assert.equal(bundle.start().status, 0);
    assert.equal(bundle.state().status, 'running');
  });

  test(`${how}: of concurrent starts one succeeds`, { skip: needsRoot }, async (t) => {
    const bundle = makeBundle(t, waiting(['sleep', '1000']));
    bundle.create();
    const starts = [1, 2, 3].map(
      () =>
        new Promise<[number, string]>((resolve) => {
          const child = bundle.startRuntime({}, 'start', bundle.id);
          let text = '';
          child.stderr!.on('data', (data: Buffer) => {
            text += data;
          });
          child.once('close', (code: number) => resolve([code, text]));
        }),
    );
    const results = await Promise.all(starts);
    const lost = results.filter(([code]) => code !== 0);
    assert.equal(lost.length, 2);
    for (const [, text] of lost) assert.match(text, /cannot start an already running container/);
    assert.equal(bundle.state().status, 'running');
  });

  test(`${how}: start logs why the program cannot be executed`, { skip: needsRoot }, (t) => {
    const bundle = makeBundle(t, waiting(['/bin/data']));
    bundle.write('bin/data', 'no program', 0o755);
    assert.equal(bundle.create().status, 0);
    const { status, stderr } = bundle.start();
    assert.equal(status, 0, stderr);
    assert.match(
      stderr,
      /level=warning msg="exec: process\.args\[0\]: exec \/bin\/data: exec format error \(ENOEXEC\)"/,
    );
    assert.equal(bundle.state().status, 'stopped');
  });

  test(`${how}: the program inherits no fds of the wait`, { skip: needsRoot }, (t) => {
    // This program opens and closes no fds while they are looked at.
    const bundle = makeBundle(t, waiting(['sleep', '1000']));
    bundle.create();
    const { pid } = bundle.state();
    assert.equal(bundle.start().status, 0);
    const fds = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
    assert.ok(
      fds.every((target) => !/socket|fifo|lock|tasks|cgroup/.test(target)),
      fds.join(' '),
    );
  });
}

test('ps shows the container’s id for an init that waits for start', { skip: needsRoot }, (t) => {
  const bundle = makeBundle(t);
  bundle.create();
  const argv = readFileSync(`/proc/${bundle.state().pid}/cmdline`, 'utf8');
  assert.equal(argv, `davit\0init\0${bundle.id}\0`);
});

test('a waiting init of an ordinary user is not dumpable', { skip: needsRoot }, (t) => {
  const bundle = makeBundle(t, {
    spec: ({ process }) => {
      process.user = { uid: 1000, gid: 1000 };
    },
  });
  bundle.create();
  const { pid } = bundle.state();
  // PR_SET_DUMPABLE(2const): not dumpable, so its files in /proc belong to root.
  assert.equal(statSync(`/proc/${pid}/fd`).uid, 0);
  assert.match(readFileSync(`/proc/${pid}/status`, 'utf8'), /^Uid:\t1000\t/m);
});
