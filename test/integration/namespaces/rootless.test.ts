import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type BundleOptions, makeBundle, type TestSpec } from '../../support/bundle.ts';
import { DAVIT } from '../../support/command.ts';
import { makeUser, needsUser, type User } from '../../support/host/user.ts';
import { runScript, sameOutput, scriptOutput } from '../../support/run-script.ts';
import { delegateCgroups, hasCgroupV1 } from './delegated-cgroups.ts';

const options = { skip: needsUser };

/** Prints what a program sees of its surroundings, sorted. */
const VIEW = `
  id -u; id -g; cat /proc/self/uid_map /proc/self/gid_map /proc/self/setgroups
  grep -E '^(Cap|NoNewPrivs|Umask|Uid|Gid)' /proc/self/status
  cut -d' ' -f4- /proc/self/mountinfo |
    grep -vE '^/[^ ]+ / | /(proc/acpi|proc/scsi|sys/firmware) ' | sort
  ls -ln /dev /dev/pts /dev/shm /dev/mqueue | sed -E 's/ +[A-Z][a-z]{2} +[0-9]+ +[0-9:]+//'
  hostname; pwd; env | sort; cat /proc/self/oom_score_adj; touch /file 2>&1
  cat /dev/zero | head -c 3 | wc -c; echo lost > /dev/null
  cut -d: -f2- /proc/self/cgroup | sort`;

/** Maps the user to root, and 65536 subordinate ids. */
const withRanges = ({ uid, gid, subId }: User, spec: TestSpec): void => {
  const more = { containerID: 1, hostID: subId, size: 65536 };
  spec.linux.uidMappings = [{ containerID: 0, hostID: uid, size: 1 }, more];
  spec.linux.gidMappings = [{ containerID: 0, hostID: gid, size: 1 }, more];
};

function bundleOf(t: TestContext, user: User, more: Omit<BundleOptions, 'user'> = {}) {
  return makeBundle(t, { args: ['sleep', '1000'], ...more, user });
}

test('with only the own id mapped: the same view as in runc', options, (t) => {
  const user = makeUser(t);
  const view = sameOutput(t, VIEW, undefined, { user });
  assert.match(view, new RegExp(`^0\n0\n +0 +${user.uid} +1\n +0 +${user.gid} +1\ndeny$`, 'm'));
  assert.match(view, /Read-only file system/);
});

test('with subordinate ids, through newuidmap: the same view as in runc', options, (t) => {
  const user = makeUser(t);
  const spec = (config: TestSpec): void => {
    withRanges(user, config);
    config.process.user = { uid: 5, gid: 6, umask: 0o27 };
    config.process.oomScoreAdj = 100;
    config.linux.namespaces.push({ type: 'network' }, { type: 'cgroup' });
    const pts = config.mounts.find(({ destination }) => destination === '/dev/pts')!;
    pts.options!.push('gid=5');
    config.mounts.push(
      { destination: '/tmp', type: 'tmpfs', source: 'tmpfs', options: ['uid=7', 'mode=1777'] },
      { destination: '/mnt', type: 'bind', source: '/etc', options: ['rbind', 'ro', 'nosuid'] },
    );
  };
  const view = sameOutput(t, VIEW, spec, { user });
  assert.match(view, new RegExp(`^5\n6\n +0 +${user.uid} +1\n +1 +${user.subId} +65536$`, 'm'));
});

test('additional groups that are mapped are set, others are refused', options, (t) => {
  const user = makeUser(t);
  const additionalGids = [3, 4];
  const script = 'grep Groups /proc/self/status';
  const ranges = (spec: TestSpec): void => {
    withRanges(user, spec);
    spec.process.user.additionalGids = additionalGids;
  };
  assert.equal(scriptOutput(t, script, { user, spec: ranges }), 'Groups:\t3 4');
  const alone = runScript(t, script, {
    user,
    spec: (spec) => {
      spec.process.user.additionalGids = additionalGids;
    },
  });
  assert.match(alone.stderr, /process\.user\.additionalGids/);
  const bundle = bundleOf(t, user);
  bundle.runDetached();
  const exec = bundle.runtime('exec', '--additional-gids', '3', bundle.id, 'id');
  assert.match(exec.stderr, /cannot set any additional groups in a rootless container/);
});

test('what an ordinary user cannot have is refused before anything is made', options, (t) => {
  const user = makeUser(t);
  const cases: [(spec: TestSpec) => void, RegExp][] = [
    [
      (spec) => {
        spec.linux.namespaces = spec.linux.namespaces.filter(({ type }) => type !== 'user');
        spec.linux.uidMappings = [];
        spec.linux.gidMappings = [];
      },
      /linux\.namespaces: .* expected a user namespace/,
    ],
    [(spec) => spec.mounts[2]!.options!.push('gid=5'), /mounts\[2\]\.options\[\d\]: "gid=5"/],
    [
      (spec) => {
        spec.linux.uidMappings = [{ containerID: 0, hostID: 0, size: 1 }];
      },
      /mapIds: linux\.uidMappings: newuidmap .*\/etc\/subuid/,
    ],
    [
      (spec) => {
        spec.linux.resources = { pids: { limit: 10 } };
      },
      /linux\.resources\.pids\.limit: cannot set pids limit: container could not join or create cgroup/,
    ],
    [
      (spec) => {
        spec.linux.cgroupsPath = '/davit-test-of-root';
      },
      /createCgroup: linux\.cgroupsPath: mkdir .*davit-test-of-root: EACCES/,
    ],
  ];
  for (const [spec, expected] of cases) {
    const { status, stderr } = runScript(t, 'true', { user, spec });
    assert.equal(status, 1);
    assert.match(stderr, expected);
  }
});

test('a rootless container is created, entered, started, killed and deleted', options, (t) => {
  const user = makeUser(t);
  const bundle = bundleOf(t, user);
  const kinds = ['prestart', 'createRuntime', 'createContainer', 'poststart', 'poststop'] as const;
  bundle.configure((spec) => {
    spec.process.args = ['sleep', '1000'];
    const hook = (kind: string) => ({
      path: '/bin/sh',
      args: ['sh', '-c', `echo ${kind} $(id -u) >> ${bundle.dir}/hooks`],
    });
    spec.hooks = Object.fromEntries(kinds.map((kind) => [kind, [hook(kind)]]));
    spec.hooks.startContainer = [{ path: '/bin/true' }];
  });
  const created = bundle.create();
  assert.equal(created.status, 0, created.stderr);
  // Before start, init is not dumpable: it passes its namespaces to exec over a socket.
  const early = bundle.exec('sh', '-c', 'cat /proc/self/uid_map; hostname');
  assert.match(early.stdout, new RegExp(`^ +0 +${user.uid} +1\ndavit\n$`), early.stderr);
  const start = bundle.start();
  assert.equal(start.status, 0, start.stderr);
  assert.equal(bundle.state().status, 'running');
  assert.equal(bundle.exec('cat', '/proc/1/comm').stdout, 'sleep\n');
  assert.match(bundle.runtime('ps', bundle.id).stderr, /no cgroup of its own/);
  assert.equal(bundle.runtime('kill', bundle.id, 'KILL').status, 0);
  assert.equal(bundle.runtime('delete', '--force', bundle.id).status, 0);
  const [outside, inside] = [user.uid, 0];
  assert.equal(
    readFileSync(join(bundle.dir, 'hooks'), 'utf8'),
    kinds.map((kind) => `${kind} ${kind === 'createContainer' ? inside : outside}\n`).join(''),
  );
});

test('exec leaves a created container waiting, as Node and as trampoline', options, (t) => {
  const user = makeUser(t);
  // With startContainer hooks, init waits as Node; without, as the trampoline.
  for (const hooks of [{}, { startContainer: [{ path: '/bin/true' }] }]) {
    const bundle = bundleOf(t, user);
    bundle.configure((spec) => {
      spec.process.args = ['sleep', '1000'];
      spec.hooks = hooks;
    });
    assert.equal(bundle.create().status, 0);
    for (let times = 0; times < 2; times++) {
      const { stdout, stderr } = bundle.exec('cat', '/proc/self/uid_map');
      assert.match(stdout, new RegExp(`^ +0 +${user.uid} +1\n$`), stderr);
      assert.equal(bundle.state().status, 'created');
    }
    assert.equal(bundle.start().status, 0);
    assert.equal(bundle.state().status, 'running');
  }
});

test('delete removes what a crash of the runtime left', options, (t) => {
  const user = makeUser(t);
  const bundle = bundleOf(t, user);
  bundle.configure((spec) => {
    spec.process.args = ['sleep', '1000'];
    spec.hooks = { createRuntime: [{ path: '/bin/sh', args: ['sh', '-c', 'kill -9 $PPID'] }] };
  });
  assert.equal(bundle.create().signal, 'SIGKILL');
  assert.equal(bundle.state().status, 'stopped');
  const { status, stderr } = bundle.runtime('delete', '--force', bundle.id);
  assert.equal(status, 0, stderr);
});

test('the state is in XDG_RUNTIME_DIR, the traces are in the home directory', options, (t) => {
  const user = makeUser(t);
  const bundle = bundleOf(t, user);
  const env = { DAVIT_TRACE_DIR: '' };
  const davit = (...args: string[]) => user.run(DAVIT, args, { cwd: bundle.dir, env });
  const done = davit('run', '--detach', bundle.id);
  assert.equal(done.status, 0, done.stderr);
  const state = JSON.parse(
    readFileSync(join(user.runtimeDir, 'davit', bundle.id, 'state.json'), 'utf8'),
  );
  assert.equal(state.owner, user.uid);
  assert.match(davit('list').stdout, new RegExp(`${bundle.id} .* ${user.name}\\s*$`));
  assert.equal(davit('delete', '--force', bundle.id).status, 0);
  for (const args of [
    ['trace', bundle.id],
    ['--rootless=false', 'trace', bundle.id],
  ]) {
    assert.match(davit(...args).stdout, /^davit run /m);
  }
  const asRoot = user.run('unshare', ['--user', '--map-root-user', DAVIT, 'trace', bundle.id], {
    env,
  });
  assert.match(asRoot.stdout, /^davit run /m, asRoot.stderr);
});

test('without a usable runtime directory, only commands that need one fail', options, (t) => {
  const user = makeUser(t);
  const bundle = bundleOf(t, user);
  const env = { XDG_RUNTIME_DIR: '/proc/none' };
  const davit = (...args: string[]) => user.run(DAVIT, args, { cwd: user.home, env });
  assert.equal(davit('spec', '--rootless').status, 0);
  const spec = JSON.parse(readFileSync(join(user.home, 'config.json'), 'utf8'));
  assert.deepEqual(spec.linux.uidMappings, [{ containerID: 0, hostID: user.uid, size: 1 }]);
  assert.match(davit('state', 'x').stderr, /container does not exist/);
  assert.equal(davit('list', '--quiet').stdout, '');
  const missing = user.run(DAVIT, ['run', '--bundle', bundle.dir, bundle.id], {
    env: { XDG_RUNTIME_DIR: join('/root', 'none') },
  });
  assert.match(
    missing.stderr,
    /mkdir '\/root\/none\/davit' \(hint: set --root or XDG_RUNTIME_DIR to a directory that you own/,
  );
});

test('the caller is root of a user namespace', options, (t) => {
  const user = makeUser(t);
  const asRoot = ['--user', '--map-root-user', '--mount', DAVIT, '--root', join(user.home, 'root')];
  const nested = bundleOf(t, user);
  const inPlace = bundleOf(t, user);
  const script = ['sh', '-c', 'id -u; cat /proc/self/uid_map'];
  const alone = [{ containerID: 0, hostID: 0, size: 1 }];
  nested.configure((spec) => {
    spec.process.args = script;
    spec.linux.uidMappings = alone;
    spec.linux.gidMappings = alone;
  });
  inPlace.configure((spec) => {
    spec.process.args = script;
    spec.linux.namespaces = spec.linux.namespaces.filter(({ type }) => type !== 'user');
    delete spec.linux.uidMappings;
    delete spec.linux.gidMappings;
    // Podman passes additional groups even if only one id is mapped.
    spec.process.user.additionalGids = [0];
  });
  for (const [bundle, hostID] of [
    [nested, 0],
    [inPlace, user.uid],
  ] as const) {
    const { status, stdout, stderr } = user.run('unshare', [
      ...asRoot,
      ...['run', '--bundle', bundle.dir, bundle.id],
    ]);
    assert.equal(status, 0, stderr);
    assert.match(stdout, new RegExp(`^0\n +0 +${hostID} +1\n$`));
  }
});

test('run and exec with a terminal', options, (t) => {
  const user = makeUser(t);
  const bundle = bundleOf(t, user);
  bundle.runDetached();
  const onTerminal = (...args: string[]): string => {
    const command = [DAVIT, '--root', bundle.root, ...args].join(' ');
    const setup = `stty rows 33 cols 77; exec ${command}`;
    return user.run('script', ['-qec', setup, '/dev/null']).stdout.replaceAll(/\r|\^@/g, '');
  };
  const look = "sh -c 'tty; stty size; ls -ln /dev/pts/0 | cut -c1-30'";
  const shown = /\/dev\/pts\/0\n33 77\ncrw--w---- +1 0 +0 /;
  assert.match(onTerminal('exec', '--tty', bundle.id, JSON.stringify(look).slice(1, -1)), shown);
  const other = bundleOf(t, user);
  other.configure((spec) => {
    spec.process.terminal = true;
    spec.process.args = [
      'sh',
      '-c',
      'tty; stty size; ls -ln /dev/pts/0 | cut -c1-30; ls /dev/console',
    ];
  });
  symlinkSync(bundle.root, other.root);
  const text = onTerminal('run', '--bundle', other.dir, other.id);
  assert.match(text, shown);
  assert.match(text, /^\/dev\/console$/m);
});

test('cgroups that are delegated to the user', options, (t) => {
  if (!hasCgroupV1()) return t.skip('needs cgroup v1');
  const user = makeUser(t);
  const delegated = delegateCgroups(t, user);
  const spec = (config: TestSpec): void => {
    config.linux.cgroupsPath = `${delegated}/inner`;
    config.linux.resources = { pids: { limit: 50 }, memory: { limit: 100e6 } };
  };
  const script =
    'cat /proc/self/cgroup /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/memory/*limit_*';
  const view = sameOutput(t, script, spec, { user });
  assert.match(view, new RegExp(`:pids:${delegated}/inner$`, 'm'));
  assert.match(view, /^50$/m);
  const bundle = bundleOf(t, user);
  bundle.configure((config) => {
    spec(config);
    config.process.args = ['sleep', '1000'];
  });
  bundle.runDetached();
  assert.match(bundle.exec('cat', '/proc/self/cgroup').stdout, /:pids:.*inner$/m);
  assert.match(bundle.runtime('ps', bundle.id).stdout, /sleep 1000/);
  assert.equal(bundle.runtime('pause', bundle.id).status, 0);
  assert.equal(bundle.state().status, 'paused');
  assert.equal(bundle.runtime('resume', bundle.id).status, 0);
  assert.equal(bundle.runtime('delete', '--force', bundle.id).status, 0);
});

test('without XDG_RUNTIME_DIR, a directory in /tmp has the state', options, (t) => {
  const user = makeUser(t);
  const bundle = bundleOf(t, user);
  const root = `/tmp/davit-${user.uid}`;
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const env = { XDG_RUNTIME_DIR: '' };
  const run = (...args: string[]) => user.run(DAVIT, args, { env, cwd: bundle.dir });
  assert.equal(run('spec', '--rootless', '--file', 'other.json').stderr, '');
  assert.equal(run('list', '--quiet').stderr, '');
  assert.ok(!existsSync(root));
  const created = run('run', '--detach', '--bundle', bundle.dir, bundle.id);
  assert.deepEqual([created.status, created.stderr], [0, '']);
  assert.equal(run('list', '--quiet').stdout, `${bundle.id}\n`);
  assert.equal(statSync(root).mode & 0o7777, 0o1711);
  assert.equal(run('delete', '--force', bundle.id).stderr, '');
});

test('a directory in /tmp that another user has made is refused', options, (t) => {
  const user = makeUser(t);
  const root = `/tmp/davit-${user.uid}`;
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const list = () => user.run(DAVIT, ['list'], { env: { XDG_RUNTIME_DIR: '' } });
  const expected = `${root}: expected a directory that belongs to uid ${user.uid} and that nobody else may write to`;
  mkdirSync(root);
  assert.equal(user.run(DAVIT, ['features'], { env: { XDG_RUNTIME_DIR: '' } }).status, 0);
  assert.ok(list().stderr.includes(expected), list().stderr);
  rmSync(root, { recursive: true });
  symlinkSync(user.home, root);
  assert.ok(list().stderr.includes(expected), list().stderr);
});

test("another user's --root is refused", options, (t) => {
  const [user, other] = [makeUser(t), makeUser(t)];
  const bundle = bundleOf(t, user);
  const args = ['--root', other.home, 'create', '--bundle', bundle.dir, bundle.id];
  const { stderr } = user.run(DAVIT, args);
  assert.match(stderr, new RegExp(`--root ${other.home} belongs to uid ${other.uid}`));
});
