import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { type Bundle, makeBundle, needsRoot, type TestSpec } from '../../support/bundle.ts';
import { DAVIT, runCommand } from '../../support/command.ts';
import { makeUser, needsUser, type User } from '../../support/host/user.ts';
import { startServer } from '../../support/server.ts';
import { ConsoleReceiver } from '../../support/terminal.ts';
import { waitFor } from '../../support/wait-for.ts';

/* The same bundles with and without a server: a program in the container must see the same. */

const COLD = { DAVIT_SERVER: '' };

/** Writes what a process can see of itself, without lines that differ between processes. */
const LOOK = String.raw`
{
  grep -vE '^(Pid|Tgid|PPid|NSpid|NStgid|NSsid|NSpgid|Ngid|Vm|Rss|.*ctxt|SigQ|Threads)' /proc/self/status
  for fd in 0 1 2 3 4 5 6 7 8 9 10; do echo $fd; readlink /proc/$$/fd/$fd; done
  tr '\0' '\n' < /proc/$$/environ
  cat /proc/$$/limits /proc/$$/cgroup /proc/$$/oom_score_adj /proc/$$/loginuid
  echo; echo $(cut -d' ' -f5,6,7,18,19,40,41 /proc/$$/stat) $$
  cat /proc/$$/personality /proc/$$/timerslack_ns; readlink /proc/$$/cwd; readlink /proc/$$/root
  for ns in cgroup ipc mnt net pid time user uts; do echo $ns $(readlink /proc/$$/ns/$ns); done
  grep -c . /proc/keys; cut -d' ' -f4- /proc/self/mountinfo
  id; umask; hostname; tty; ls -l /dev; stat -c '%a %u %g %n' /dev/* /out /mapped /of-root
  cat /proc/sys/kernel/msgmax /proc/sys/net/ipv4/ip_forward
} > /out 2>&1
`;

/** Replaces what differs between containers and between runs by names. */
const normal = (bundle: Bundle, text: string): string =>
  text
    .replaceAll(bundle.id, 'ID')
    .replaceAll(bundle.dir, 'DIR')
    .replace(/^(ipc|mnt|net|pid|uts|cgroup|user|time) \w+:\[\d+\]/gm, (_, type) => `${type} NS`)
    .replace(/(pipe|socket):\[\d+\]/g, '$1')
    .replace(/TRACEPARENT=.*/g, 'TRACEPARENT')
    .replace(/\d\d:\d\d/g, 'TIME')
    .replace(/(master|shared):\d+/g, '$1');

interface Case {
  spec?: ((spec: TestSpec) => unknown) | undefined;
  flags?: (t: TestContext, bundle: Bundle) => string[];
  user?: User;
  /** How many fds the caller passes on, and preserves. */
  preserveFds?: number;
}

/** Runs davit with more fds, which are passed to the container. */
function withFds(
  bundle: Bundle,
  env: Record<string, string>,
  preserveFds = 0,
  [command, ...args]: readonly [string, ...string[]],
) {
  const fds = Array.from({ length: preserveFds }, () =>
    openSync(join(bundle.dir, 'config.json'), 'r'),
  );
  const flags = preserveFds > 0 ? ['--preserve-fds', String(preserveFds)] : [];
  const stdio = ['ignore', 'pipe', 'pipe', ...fds] as const;
  try {
    return bundle.runtimeWith({ env, stdio: [...stdio] }, command, ...flags, ...args);
  } finally {
    for (const fd of fds) closeSync(fd);
  }
}

function prepared(t: TestContext, { spec, user }: Case, args: string[]): Bundle {
  const bundle = makeBundle(t, {
    args,
    user,
    spec: (config) => {
      config.root.readonly = false;
      spec?.(config);
    },
  });
  for (const directory of ['mapped', 'of-root']) bundle.write(`${directory}/.keep`, '');
  bundle.write('look', LOOK);
  bundle.write('out', '', 0o666);
  return bundle;
}

async function seen(bundle: Bundle): Promise<string> {
  await waitFor(() => bundle.read('out').endsWith('.\n'));
  return normal(bundle, bundle.read('out'));
}

const AND_SLEEP = ['sh', '-c', '. /look; echo . >> /out; sleep 100'];

async function lookFromInside(t: TestContext, env: Record<string, string>, what: Case) {
  const bundle = prepared(t, what, AND_SLEEP);
  const given = what.flags?.(t, bundle) ?? [];
  const create = ['create', ...given, '--bundle', bundle.dir, bundle.id] as const;
  const created = withFds(bundle, env, what.preserveFds, create);
  assert.deepEqual([created.status, created.stderr, created.stdout], [0, '', '']);
  assert.equal(bundle.runtimeWith({ env }, 'start', bundle.id).stderr, '');
  const found = await seen(bundle);
  const { pid } = bundle.state();
  const parent = /^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1];
  assert.equal(bundle.runtimeWith({ env }, 'delete', '--force', bundle.id).stderr, '');
  bundle.expectNothingLeft();
  return [found, parent];
}

/** A short version of Docker's configuration. */
function likeDocker(spec: TestSpec): void {
  const kept = ['CAP_CHOWN', 'CAP_SETUID', 'CAP_SETGID', 'CAP_KILL', 'CAP_NET_BIND_SERVICE'];
  spec.process.capabilities = { bounding: kept, effective: kept, permitted: kept };
  spec.process.rlimits = [{ type: 'RLIMIT_NOFILE', soft: 500, hard: 600 }];
  spec.process.oomScoreAdj = 77;
  spec.linux.namespaces.push({ type: 'cgroup' });
  spec.linux.seccomp = {
    defaultAction: 'SCMP_ACT_ALLOW',
    syscalls: [{ names: ['mount', 'reboot', 'swapon'], action: 'SCMP_ACT_ERRNO' }],
  };
  spec.linux.resources = {
    ...spec.linux.resources,
    memory: { limit: 200_000_000 },
    pids: { limit: 100 },
    cpu: { shares: 512, quota: 50_000, period: 100_000 },
  };
  spec.linux.sysctl = { 'net.ipv4.ip_forward': '1', 'kernel.msgmax': '9000' };
  spec.mounts.push({
    destination: '/sys/fs/cgroup',
    type: 'cgroup',
    source: 'cgroup',
    options: ['nosuid', 'noexec', 'nodev', 'ro'],
  });
}

/** The container's ids on the host. */
const MAPPINGS = [{ containerID: 0, hostID: 100_000, size: 65_536 }];

function inUserNamespace({ linux, process }: TestSpec): void {
  linux.namespaces.push({ type: 'user' }, { type: 'cgroup' });
  linux.uidMappings = MAPPINGS;
  linux.gidMappings = MAPPINGS;
  process.user = { uid: 5, gid: 6, additionalGids: [3, 4] };
  process.oomScoreAdj = 77;
  linux.sysctl = { 'net.ipv4.ip_forward': '1', 'kernel.msgmax': '9000' };
}

const CASES: Record<string, Case> = {
  'the default configuration': {},
  'the configuration of an engine': { spec: likeDocker },
  'an engine’s, without privileges': {
    spec: (spec) => {
      likeDocker(spec);
      spec.process.noNewPrivileges = false;
    },
  },
  'a user with groups': {
    spec: ({ process }) => {
      process.user = { uid: 1000, gid: 1001, additionalGids: [5, 6], umask: 0o27 };
      process.cwd = '/tmp';
    },
  },
  'an ambient capability, a scheduler and I/O priority': {
    spec: ({ process, linux }) => {
      const caps = ['CAP_NET_RAW', 'CAP_SYS_NICE'];
      process.capabilities = {
        ...{ bounding: caps, effective: caps, permitted: caps, inheritable: caps },
        ambient: caps,
      };
      process.user = { uid: 7, gid: 8 };
      process.scheduler = { policy: 'SCHED_BATCH', nice: 5 };
      process.ioPriority = { class: 'IOPRIO_CLASS_BE', priority: 6 };
      linux.personality = { domain: 'LINUX32' };
    },
  },
  'a terminal by --console-socket': {
    spec: ({ process }) => {
      process.terminal = true;
      process.consoleSize = { height: 33, width: 44 };
    },
    flags: (t, bundle) => {
      const receiver = new ConsoleReceiver(t, join(bundle.dir, 'console'));
      // receive() waits for the connection, and the test ignores the terminal's output.
      setImmediate(() => receiver.receive(t));
      return ['--console-socket', receiver.path];
    },
  },
  'fds of the caller': { preserveFds: 3 },
  'no pivot, no new keyring': { flags: () => ['--no-pivot', '--no-new-keyring'] },
  'a read-only rootfs with masked paths': {
    spec: ({ root, mounts }) => {
      root.readonly = true;
      mounts.push({ destination: '/out', type: 'bind', source: 'rootfs/out', options: ['bind'] });
    },
  },
  'a user namespace': { spec: inUserNamespace },
  'a user namespace, with mounts and devices that its root cannot open': {
    spec: (spec) => {
      inUserNamespace(spec);
      spec.linux.devices = [{ path: '/dev/fuse', type: 'c', major: 10, minor: 229, uid: 5 }];
      for (const [destination, options] of [
        ['/of-root', ['bind']],
        ['/mapped', ['bind', 'idmap']],
      ] as const)
        spec.mounts.push({ destination, type: 'bind', source: '/root', options: [...options] });
    },
  },
  'an id-mapped mount': {
    spec: ({ mounts }) => {
      const to = [{ containerID: 0, hostID: 70_000, size: 1000 }];
      const mapped = { uidMappings: to, gidMappings: to, options: ['bind'] };
      mounts.push({ destination: '/mapped', type: 'bind', source: '/tmp', ...mapped });
    },
  },
  'a time namespace': {
    spec: ({ linux }) => linux.namespaces.push({ type: 'time' }),
  },
  'namespaces of the host': {
    spec: (spec) => {
      const { linux } = spec;
      delete spec.hostname;
      linux.namespaces = linux.namespaces.filter(({ type }) => ['pid', 'mount'].includes(type));
    },
  },
};

const OF_EXEC = [
  'the configuration of an engine',
  'an engine’s, without privileges',
  'a user with groups',
  'fds of the caller',
  'a user namespace',
  'a time namespace',
];

suite('a program sees the same with and without a server', { skip: needsRoot }, () => {
  for (const [name, what] of Object.entries(CASES)) {
    test(`create: ${name}`, async (t) => {
      const server = await startServer(t);
      const warm = await lookFromInside(t, server.env, what);
      assert.deepEqual(warm, await lookFromInside(t, COLD, what));
      server.expectServed('create');
    });
  }

  test('containers of an ordinary user', { skip: needsUser }, async (t) => {
    const user = makeUser(t);
    const { uid, gid, subId } = user;
    const server = await startServer(t, [], { uid, gid });
    const withRanges = ({ linux, process }: TestSpec) => {
      const more = { containerID: 1, hostID: subId, size: 65_536 };
      linux.uidMappings = [{ containerID: 0, hostID: uid, size: 1 }, more];
      linux.gidMappings = [{ containerID: 0, hostID: gid, size: 1 }, more];
      process.user = { uid: 5, gid: 6, additionalGids: [3], umask: 0o27 };
      process.oomScoreAdj = 100;
    };
    for (const what of [{ user }, { user, spec: withRanges }]) {
      const warm = await lookFromInside(t, server.env, what);
      assert.deepEqual(warm, await lookFromInside(t, COLD, what));
    }
    const env = { ...server.env, DAVIT_SERVER: server.socket };
    const { stdout } = runCommand(DAVIT, ['serve', '--status'], { env, uid, gid });
    assert.match(stdout, /^create /m);
    assert.doesNotMatch(stdout, /BECAUSE/);
  });

  test('a joined network namespace', async (t) => {
    const server = await startServer(t);
    const other = makeBundle(t, { args: ['sleep', '100'] });
    other.runDetached();
    const path = `/proc/${other.state().pid}/ns/net`;
    const spec = ({ linux }: TestSpec) => {
      linux.namespaces = linux.namespaces.map((one) =>
        one.type === 'network' ? { ...one, path: join(other.dir, 'net') } : one,
      );
    };
    spawnSync('sh', ['-c', `touch ${other.dir}/net && mount --bind ${path} ${other.dir}/net`]);
    try {
      const warm = await lookFromInside(t, server.env, { spec });
      assert.deepEqual(warm, await lookFromInside(t, COLD, { spec }));
    } finally {
      spawnSync('umount', [join(other.dir, 'net')]);
    }
    server.expectServed('create');
  });

  for (const [name, { spec, preserveFds }] of Object.entries(CASES)) {
    if (!OF_EXEC.includes(name)) continue;
    test(`exec: ${name}`, async (t) => {
      const server = await startServer(t);
      const found = [];
      for (const env of [server.env, COLD]) {
        const bundle = prepared(t, { spec }, ['sleep', '100']);
        bundle.runDetached();
        const pidFile = join(bundle.dir, 'pid');
        const exec = ['exec', '--detach', '--pid-file', pidFile, bundle.id] as const;
        const program = ['sh', '-c', AND_SLEEP[2]!];
        const done = withFds(bundle, env, preserveFds, [...exec, ...program]);
        assert.deepEqual([done.status, done.stderr], [0, '']);
        const inside = (await seen(bundle)).replace(/ \d+$/gm, '');
        const pid = readFileSync(pidFile, 'utf8');
        const status = readFileSync(`/proc/${pid}/status`, 'utf8');
        found.push([inside, /^PPid:\t(\d+)$/m.exec(status)![1]]);
      }
      assert.deepEqual(found[0], found[1]);
      server.expectServed('exec');
    });
  }
});

suite('processes that a server makes', { skip: needsRoot }, () => {
  test('a program gets no fd of davit where its caller has closed stdio', async (t) => {
    const server = await startServer(t);
    const found = [server.env, COLD].map((env) => {
      const look = 'for fd in 0 1 2; do readlink /proc/$$/fd/$fd; done > /out';
      const bundle = prepared(t, {}, ['sh', '-c', look]);
      const run = [DAVIT, '--root', bundle.root, 'run', '--bundle', bundle.dir, bundle.id];
      const done = bundle.commandWith({ env }, 'sh', '-c', '"$@" <&- >&- 2>&-', 'sh', ...run);
      return [done.status, bundle.read('out')];
    });
    assert.deepEqual(found[0], found[1]);
    assert.equal(server.run('--version').status, 0);
    assert.doesNotMatch(server.status(), /^run /m);
  });

  test('run --detach', async (t) => {
    const server = await startServer(t);
    const bundle = makeBundle(t, { args: ['sleep', '100'] });
    const { env } = server;
    const run = ['run', '--detach', '--bundle', bundle.dir, bundle.id];
    assert.deepEqual(bundle.runtimeWith({ env }, ...run).stderr, '');
    assert.equal(bundle.state().status, 'running');
    server.expectServed('run');
  });

  test('their parent is the caller’s subreaper', async (t) => {
    const server = await startServer(t);
    const bundle = makeBundle(t, { args: ['sleep', '100'] });
    const script = `
      ${JSON.stringify(DAVIT)} --root ${bundle.root} create --bundle ${bundle.dir} ${bundle.id}
      ${JSON.stringify(DAVIT)} --root ${bundle.root} start ${bundle.id}
      ${JSON.stringify(DAVIT)} --root ${bundle.root} exec --detach ${bundle.id} sleep 100
      exec sleep 100`;
    const env = { ...server.env, DAVIT_TRACE_DIR: bundle.traces };
    const reaper = makeSubreaper(t, script, env);
    const sleeps = () => childrenOf(reaper.pid!).filter((pid) => commandOf(pid) === 'sleep');
    await waitFor(() => commandOf(reaper.pid!) === 'sleep' && sleeps().length === 2);
    assert.ok(sleeps().includes(bundle.state().pid));
    // This subreaper does not reap its children.
    reaper.kill('SIGKILL');
    server.expectServed('create', 'exec');
  });

  // davit returns when these have ended, so that nothing depends on how long they take.
  test('a program that cannot be executed is left to the subreaper', async (t) => {
    const server = await startServer(t);
    const env = { DAVIT_SERVER: server.socket };
    const adopt = (bundle: Bundle, ...args: string[]) => {
      const [pidFile, stderr] = [join(bundle.dir, 'pid'), join(bundle.dir, 'stderr')];
      const [command, ...rest] = args;
      const words = [DAVIT, '--root', bundle.root, command, '--pid-file', pidFile, ...rest];
      const program = [join(import.meta.dirname, '../../support/adopt.ts'), stderr, pidFile];
      return bundle.commandWith({ env }, process.execPath, ...program, JSON.stringify(words))
        .stdout;
    };
    const bundle = makeBundle(t, { args: ['/x'] });
    bundle.write('x', '#!/no/such\n', 0o755);
    assert.equal(adopt(bundle, 'run', '--detach', '--bundle', bundle.dir, bundle.id), '0 1\n');
    const other = makeBundle(t, { args: ['sleep', '100'] });
    other.write('x', '#!/no/such\n', 0o755);
    other.runDetached();
    assert.equal(adopt(other, 'exec', '--detach', other.id, '/x'), '0 1\n');
    server.expectServed('run', 'exec');
  });

  test('failures are the same as without a server, and leave nothing', async (t) => {
    const server = await startServer(t);
    const failures: [(spec: TestSpec) => void, string[]?][] = [
      [({ process }) => (process.args = ['/missing'])],
      [({ process }) => (process.cwd = '/look')],
      [({ mounts }) => mounts.push({ destination: '/x', type: 'nofs', source: 'none' })],
      [({ process }) => (process.user = { uid: 0, gid: 0, additionalGids: [2 ** 32 - 1] })],
      [() => {}, ['--preserve-fds', '2']],
      [({ linux }) => (linux.maskedPaths = ['/proc/none/../../../etc'])],
    ];
    for (const [spec, flags = []] of failures) {
      const found = [server.env, COLD].map((env) => {
        const bundle = prepared(t, { spec }, ['sleep', '100']);
        const done = bundle.runtimeWith(
          { env },
          ...['create', ...flags, '--bundle', bundle.dir, bundle.id],
        );
        if (done.status === 0) bundle.runtimeWith({ env }, 'delete', '--force', bundle.id);
        bundle.expectNothingLeft();
        return [done.status, normal(bundle, done.stderr)];
      });
      assert.deepEqual(found[0], found[1]);
    }
    server.expectServed('create');
  });

  test('twelve containers at once', async (t) => {
    const server = await startServer(t);
    const bundles = Array.from({ length: 12 }, () => makeBundle(t, { args: ['sleep', '100'] }));
    const { env } = server;
    await Promise.all(
      bundles.map(async (bundle) => {
        const create = ['create', '--bundle', bundle.dir, bundle.id];
        const command = bundle.startRuntime(
          { env, stdio: ['ignore', 'ignore', 'inherit'] },
          ...create,
        );
        await waitFor(() => command.exitCode !== null, 20_000);
        assert.equal(command.exitCode, 0);
      }),
    );
    for (const bundle of bundles) {
      assert.equal(bundle.runtimeWith({ env }, 'start', bundle.id).stderr, '');
      assert.equal(bundle.runtimeWith({ env }, 'exec', '--detach', bundle.id, 'true').stderr, '');
      assert.equal(bundle.runtimeWith({ env }, 'delete', '--force', bundle.id).stderr, '');
      bundle.expectNothingLeft();
    }
    // The server reaps the last helper after it has answered.
    await waitFor(() => server.status() !== '' && childrenOf(server.pid).length === 0);
  });
});

const commandOf = (pid: number): string => readFileSync(`/proc/${pid}/comm`, 'utf8').trim();

const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter(Boolean)
    .map(Number);

/** Runs a shell that adopts orphans, as containerd's shim does. */
function makeSubreaper(t: TestContext, script: string, env: Record<string, string>) {
  const file = join(env.DAVIT_TRACE_DIR!, '..', 'script');
  writeFileSync(file, script);
  const program = `
    import { setChildSubreaper } from '${join(import.meta.dirname, '../../../src/syscalls/task/prctl.ts')}';
    setChildSubreaper(true);
    process.execve('/bin/sh', ['sh', ${JSON.stringify(file)}], process.env);`;
  const child = spawn(process.execPath, ['--no-warnings', '--input-type=module', '-e', program], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  assert.ok(existsSync(file));
  return child;
}
