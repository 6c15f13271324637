import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { constants, copyFileSync, cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { nodeFlags } from '../../../tools/build/node-options.ts';
import { giveCapabilities, startAttacker } from '../../support/attacker.ts';
import { type Bundle, makeBundle, needsRoot, type TestSpec } from '../../support/bundle.ts';
import { DAVIT, runCommand, startCommand } from '../../support/command.ts';
import { has } from '../../support/host/has.ts';
import { startServer } from '../../support/server.ts';
import { waitFor } from '../../support/wait-for.ts';

const options = { skip: needsRoot };
const TIMES = Number(process.env.DAVIT_ATTACKS || 15);
/** A variable in davit's environment that the container must not get. */
const SECRET = 'only-the-caller-knows-this';
const env = { CALLER_SECRET: SECRET };

/*
 * CVE-2019-5736 and similar: a process of the container with CAP_SYS_PTRACE in the host's user
 * namespace may do anything to every process that it can name. So its pid namespace must contain
 * nothing of the host: no running file, memory, fd or directory, and no privilege beyond the
 * program's own.
 */

interface Seen {
  exe?: string;
  found?: boolean;
  environ?: string;
  fds?: string[];
  foreignRoot?: boolean;
  status?: string;
  commandLine?: string;
  taken?: string;
  written?: number;
}

async function startThief(t: TestContext): Promise<{ bundle: Bundle; seen: () => Seen[] }> {
  const { bundle, printed } = await startAttacker(t, 'steal.ts', {
    args: [SECRET],
    spec: (spec: TestSpec) => {
      giveCapabilities(spec);
      spec.process.noNewPrivileges = true;
    },
  });
  const lines = () => printed().split('\n').slice(1, -1);
  return { bundle, seen: () => lines().map((line) => JSON.parse(line)) };
}

/** A copy of davit, whose executable the attack may overwrite. */
function privateDavit(bundle: Bundle): { davit: string; hash: () => string } {
  const from = dirname(DAVIT);
  const to = join(bundle.dir, 'dist');
  mkdirSync(to);
  cpSync(from, to, { recursive: true, mode: constants.COPYFILE_FICLONE });
  const node = join(to, 'node');
  if (!existsSync(node)) copyFileSync(process.execPath, node);
  const hash = () => createHash('sha256').update(readFileSync(node)).digest('hex');
  return { davit: join(to, 'davit'), hash };
}

/**
 * The attacker may see programs of the container and the trampoline, which holds nothing of value.
 */
function assertHarmless(seen: Seen[], opened = /^$/): void {
  for (const one of seen) {
    const { exe = '', taken } = one;
    assert.equal(one.found ?? false, false, `${SECRET} was in the memory of ${exe}`);
    assert.ok(!one.foreignRoot, `${exe} had a root of the host's`);
    assert.doesNotMatch(one.environ ?? '', /CALLER_SECRET/);
    if (taken !== undefined) assert.match(taken, /^\/memfd:davit /);
    // The memfd is sealed: writing to it fails.
    assert.equal(one.written, undefined, `${taken} was written to`);
    if (exe.startsWith('/bin/') || taken) continue;
    assert.match(exe, /^\/memfd:davit /);
    assert.match(one.commandLine ?? '', /^(davit\0init\0.*|\/bin\/true\0)?$/);
    const others = (one.fds ?? []).filter(
      (fd) => !/^[012]=|=(undefined|socket:.*)$/.test(fd) && !opened.test(fd),
    );
    assert.deepEqual(others, [], 'fds of the trampoline');
  }
}

test('control: nsenter exposes a file of the host, and the attacker overwrites it', {
  skip: needsRoot || (!has('nsenter') && 'needs nsenter'),
}, async (t) => {
  const { bundle, seen } = await startThief(t);
  // Copies, because the attack overwrites them.
  const [program, nsenter] = ['busybox', 'nsenter'].map((name) => {
    const source = runCommand('sh', ['-c', `command -v ${name}`]).stdout.trim();
    copyFileSync(source, join(bundle.dir, name));
    return join(bundle.dir, name);
  }) as [string, string];
  const args = ['-t', String(bundle.state().pid), '-p', program, 'cat'];
  const exposed = startCommand(nsenter, args, { env, stdio: ['pipe', 'ignore', 'inherit'] });
  const ended = once(exposed, 'exit');
  // The attacker overwrites what has ended.
  await waitFor(() => seen().some(({ found, foreignRoot }) => found && foreignRoot));
  exposed.stdin!.end();
  assert.deepEqual(await ended, [0, null]);
  await waitFor(() => seen().some(({ written }) => written !== undefined));
  // The attacker may have read the name of one file and opened the other a moment later.
  const taken = (file: string) => readFileSync(file, 'latin1').startsWith('TAKEN OVER');
  assert.ok([program, nsenter].some(taken), 'one of them was written to');
});

for (const [user, way] of [
  ['0:0', ''],
  ['1000:1000', ''],
  ['0:0', ', by a server,'],
  ['1000:1000', ', by a server,'],
] as const) {
  test(`exec as ${user}${way} exposes nothing to the attacker`, options, async (t) => {
    const server = way ? await startServer(t) : undefined;
    const { bundle, seen } = await startThief(t);
    const { davit, hash } = privateDavit(bundle);
    const before = hash();
    const exec = ['--root', bundle.root, 'exec', '--user', user, bundle.id, '/bin/true'];
    for (let i = 0; i < TIMES; i++) {
      const { status, stderr } = bundle.commandWith(
        { env: { ...env, ...server?.env } },
        davit,
        ...exec,
      );
      assert.equal(status, 0, stderr);
    }
    server?.expectServed(`exec +${TIMES}`);
    assertHarmless(seen());
    if (user !== '0:0') assertUnprivileged(seen());
    assert.equal(hash(), before, 'the executable of davit is as it was');
  });
}

/** A container with the attacker's pid namespace and rootfs. */
function joining(t: TestContext, watcher: Bundle, uid: number): Bundle {
  const { pid } = watcher.state();
  return makeBundle(t, {
    args: ['/bin/true'],
    spec: (spec) => {
      spec.root.path = watcher.rootfs;
      spec.process.user = { uid, gid: uid };
      spec.process.noNewPrivileges = true;
      Object.assign(spec.linux.namespaces.find(({ type }) => type === 'pid')!, {
        path: `/proc/${pid}/ns/pid`,
      });
      spec.hooks = { startContainer: [{ path: '/bin/true' }] };
    },
  });
}

for (const uid of [0, 1000]) {
  test(
    `a container of user ${uid} that joins the attacker’s pid namespace exposes nothing`,
    options,
    async (t) => {
      const { bundle, seen } = await startThief(t);
      const { davit, hash } = privateDavit(bundle);
      const before = hash();
      for (let i = 0; i < TIMES; i++) {
        const joins = joining(t, bundle, uid);
        const call = (...args: string[]) => {
          const { status, stderr } = joins.commandWith(
            { env },
            davit,
            '--root',
            joins.root,
            ...args,
          );
          assert.equal(status, 0, stderr);
        };
        if (i % 2 === 0) call('run', '--bundle', joins.dir, joins.id);
        else {
          call('create', '--bundle', joins.dir, joins.id);
          call('start', joins.id);
        }
        joins.remove();
      }
      assert.ok(
        seen().some(({ exe }) => exe?.startsWith('/memfd:davit')),
        'it saw the trampoline',
      );
      assertHarmless(seen());
      if (uid !== 0) assertUnprivileged(seen());
      assert.equal(hash(), before, 'the executable of davit is as it was');
    },
  );
}

test(
  'a startContainer hook, a program of the container, sees no executable of the host',
  options,
  (t) => {
    const bundle = makeBundle(t, {
      args: ['cat', '/seen'],
      spec: (spec) => {
        giveCapabilities(spec);
        spec.root.readonly = false;
        spec.hooks = { startContainer: [{ path: '/bin/look' }] };
      },
    });
    bundle.write(
      'bin/look',
      '#!/bin/sh\nfor exe in /proc/[0-9]*/exe; do readlink $exe; done >/seen; true\n',
      0o755,
    );
    const { status, stdout, stderr } = bundle.run();
    assert.equal(status, 0, stderr);
    // init and the shell.
    assert.match(stdout, /^\/memfd:davit .*\n\/bin\/busybox\n$/);
  },
);

const OPEN_PROCFS = join(import.meta.dirname, 'open-procfs.ts');

test('opening a procfs on an older kernel exposes nothing to the attacker', options, async (t) => {
  const { bundle, seen } = await startThief(t);
  const namespace = `/proc/${bundle.state().pid}/ns/pid`;
  for (let i = 0; i < TIMES; i++) {
    const { status, stdout, stderr } = runCommand(
      process.execPath,
      [...nodeFlags, OPEN_PROCFS, namespace, bundle.dir],
      { env },
    );
    assert.equal(status, 0, stderr);
    assert.deepEqual(JSON.parse(stdout), ['/node', '/node']);
  }
  // fds of fsopen(2) are harmless: a process that can use them may mount a procfs anyway.
  assertHarmless(seen(), /=anon_inode:\[fscontext\]$/);
  for (const { exe, status } of seen()) {
    if (status && exe?.startsWith('/memfd:')) assert.match(status, /CapPrm: 0*200000 /);
  }
});

/** The trampoline has no privilege that its program lacks. */
function assertUnprivileged(seen: Seen[]): void {
  const trampolines = seen.filter(({ exe, status }) => exe?.startsWith('/memfd:davit') && status);
  for (const { status } of trampolines) {
    assert.match(status!, /Uid: 1000 1000 1000 1000/);
    assert.match(status!, /CapPrm: 0+ CapEff: 0+$/);
  }
}
