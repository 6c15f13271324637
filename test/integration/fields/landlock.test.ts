import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename } from 'node:path';
import { test } from 'node:test';
import { LANDLOCK_ANNOTATION, type Landlock } from '../../../src/config/landlock.ts';
import { landlockAbi } from '../../../src/syscalls/rights/landlock.ts';
import { makeBundle, needsRoot, type TestSpec } from '../../support/bundle.ts';
import { runScript, scriptOutput } from '../../support/run-script.ts';

const options = { skip: needsRoot };

const READ = ['execute', 'read_file', 'read_dir'] as const;
const WRITE = ['write_file', 'make_reg', 'make_dir', 'remove_file', 'truncate'] as const;

const READ_ALL_WRITE_TMP: Landlock = {
  ruleset: { handledAccessFS: [...READ, ...WRITE] },
  rules: {
    pathBeneath: [
      { allowedAccess: [...READ], paths: ['/bin', '/proc', '/etc/passwd'] },
      { allowedAccess: [...READ, ...WRITE], paths: ['/tmp', '/dev'] },
    ],
  },
};

const restricted =
  (landlock: unknown, change: (spec: TestSpec) => void = () => {}) =>
  (spec: TestSpec): void => {
    spec.annotations = {
      [LANDLOCK_ANNOTATION]: typeof landlock === 'string' ? landlock : JSON.stringify(landlock),
    };
    spec.mounts.push({ destination: '/tmp', type: 'tmpfs', source: 'tmpfs' });
    spec.root.readonly = false;
    change(spec);
  };

const TRIES = `
  cat /etc/passwd > /dev/null && echo read passwd
  cat /etc/group 2>&1
  ls /etc 2>&1
  echo x > /tmp/f && cat /tmp/f
  mkdir /mnt/d 2>&1
  true
`;
const SEEN = `read passwd
cat: can't open '/etc/group': Permission denied
ls: can't open '/etc': Permission denied
x
mkdir: can't create directory '/mnt/d': Permission denied`;

test('the program can access only what a rule allows', options, (t) => {
  const free = scriptOutput(t, TRIES, { spec: restricted('') });
  assert.doesNotMatch(free, /denied/);
  assert.equal(scriptOutput(t, TRIES, { spec: restricted(READ_ALL_WRITE_TMP) }), SEEN);
});

test('also as another user, under a seccomp filter, with a memory limit', options, (t) => {
  const spec = restricted(READ_ALL_WRITE_TMP, (config) => {
    config.process.user = { uid: 1000, gid: 1000 };
    config.linux.resources = { memory: { limit: 64 << 20 } };
    config.linux.seccomp = {
      defaultAction: 'SCMP_ACT_ALLOW',
      syscalls: [
        {
          names: ['landlock_create_ruleset', 'landlock_add_rule', 'landlock_restrict_self'],
          action: 'SCMP_ACT_KILL_PROCESS',
        },
      ],
    };
    config.mounts.at(-1)!.options = ['mode=1777'];
  });
  assert.equal(scriptOutput(t, TRIES, { spec }), SEEN);
});

test('exec applies the container’s rules', options, (t) => {
  const bundle = makeBundle(t, { args: ['sleep', '1000'], spec: restricted(READ_ALL_WRITE_TMP) });
  bundle.runDetached();
  assert.equal(bundle.exec('sh', '-c', TRIES).stdout.trimEnd(), SEEN);
});

/** Skips below this ABI version of landlock(7). */
const needsAbi = (abi: number): string | false =>
  needsRoot || (landlockAbi() < abi && `needs Landlock of ABI ${abi}`);

test('TCP: only allowed ports can be bound and connected to', { skip: needsAbi(4) }, (t) => {
  const landlock: Landlock = {
    ruleset: { handledAccessNet: ['bind_tcp', 'connect_tcp'] },
    rules: { netPort: [{ allowedAccess: ['bind_tcp', 'connect_tcp'], ports: [8001] }] },
  };
  const tries = [8001, 8002].map((port) => {
    const listens = `cat /proc/net/tcp /proc/net/tcp6 | grep -q ':${port.toString(16).toUpperCase()} .* 0A '`;
    return `(timeout 5 nc -l -p ${port} <>/tmp/open 2>&1 || echo not bound; touch /tmp/${port}) &
            until ${listens} || [ -e /tmp/${port} ]; do usleep 20000; done
            echo x | timeout 5 nc 127.0.0.1 ${port} 2>&1 || echo not connected; wait`;
  });
  // At the end of its input nc ends the connection, before it has read what comes.
  const script = ['mkfifo /tmp/open', ...tries].join('\n');
  const seen = scriptOutput(t, script, { spec: restricted(landlock) });
  assert.match(seen, /^x\n(?!x)/);
  assert.equal(seen.match(/Permission denied/g)?.length, 2, seen);
});

test('scoped signal: other processes cannot be signalled', { skip: needsAbi(6) }, (t) => {
  const signalled = (landlock: Landlock | '') => {
    const bundle = makeBundle(t, { args: ['sleep', '1000'], spec: restricted(landlock) });
    bundle.runDetached();
    return bundle.exec('sh', '-c', 'sleep 9 & kill $! && echo own; kill -0 1 2>&1').stdout;
  };
  assert.equal(signalled(''), 'own\n');
  assert.equal(signalled({ ruleset: { scoped: ['abstract_unix_socket'] } }), 'own\n');
  assert.match(signalled({ ruleset: { scoped: ['signal'] } }), /^own\n.*not permitted/s);
});

test('scoped abstract_unix_socket: the program cannot connect to sockets outside its domain', {
  skip: needsAbi(6) || (!existsSync('/usr/bin/perl') && 'needs perl'),
}, async (t) => {
  const name = `${basename(tmpdir())}-landlock`;
  const server = createServer().listen({ path: `\0${name}` });
  t.after(() => server.close());
  await once(server, 'listening');
  const connect = (to: string): string =>
    `socket(C, AF_UNIX, SOCK_STREAM, 0); print connect(C, pack_sockaddr_un("\\0${to}")) ? "" : "not ", "connected\\n";`;
  // The container has the host's network namespace: without Landlock it can connect to the host's
  // socket.
  const connected = (landlock: Landlock | '') => {
    const args = ['perl', '-MSocket', '-e'];
    const own = `socket(S, AF_UNIX, SOCK_STREAM, 0); bind(S, pack_sockaddr_un("\\0${name}-own")); listen(S, 1);`;
    const spec = restricted(landlock, ({ process, linux, mounts }) => {
      process.args = [...args, `${connect(name)} ${own} ${connect(`${name}-own`)}`];
      linux.namespaces = linux.namespaces.filter(({ type }) => type !== 'network');
      for (const path of ['/usr', '/lib', '/lib64'].filter((one) => existsSync(one))) {
        mounts.push({ destination: path, source: path, options: ['rbind', 'ro'] });
      }
    });
    const done = makeBundle(t, { spec }).run();
    return done.stderr || done.stdout;
  };
  assert.equal(connected(''), 'connected\nconnected\n');
  assert.equal(connected({ ruleset: { scoped: ['signal'] } }), 'connected\nconnected\n');
  const scoped = connected({ ruleset: { scoped: ['abstract_unix_socket'] } });
  assert.equal(scoped, 'not connected\nconnected\n');
});

test('without a rule that allows execute, the program does not start', options, (t) => {
  const done = runScript(t, 'true', {
    spec: restricted({ ruleset: { handledAccessFS: ['execute'] } }),
  });
  assert.notEqual(done.status, 0);
  assert.match(done.stderr, /EACCES|permission denied/i);
});

for (const [what, landlock, expected] of [
  ['no JSON', '{', /annotations.*org\.davit\.landlock.*JSON object/],
  ['no ruleset', {}, /org\.davit\.landlock.*\.ruleset/],
  ['an empty ruleset', { ruleset: { scoped: [] } }, /ruleset: .*at least one access right/],
  [
    'no port',
    {
      ruleset: { handledAccessNet: ['bind_tcp'] },
      rules: { netPort: [{ allowedAccess: ['connect_tcp'], ports: [70000] }] },
    },
    /netPort\[0\]\.ports\[0\].*70000/,
  ],
  ['an unknown right', { ruleset: { handledAccessFS: ['fly'] } }, /handledAccessFS\[0\].*fly/],
  [
    'a right that is not handled',
    {
      ruleset: { handledAccessFS: ['execute'] },
      rules: { pathBeneath: [{ allowedAccess: ['read_file'], paths: ['/'] }] },
    },
    /pathBeneath\[0\]\.allowedAccess/,
  ],
  [
    'a path that is not there',
    {
      ruleset: { handledAccessFS: ['execute'] },
      rules: { pathBeneath: [{ allowedAccess: ['execute'], paths: ['/bin', '/absent'] }] },
    },
    /restrictAccess: .*pathBeneath\[0\]\.paths\[1\].*ENOENT/,
  ],
] as const) {
  test(`refused: ${what}`, options, (t) => {
    const done = runScript(t, 'true', { spec: restricted(landlock) });
    assert.notEqual(done.status, 0);
    assert.match(done.stderr, expected);
  });
}

test('Landlock needs process.noNewPrivileges', options, (t) => {
  const spec = restricted(READ_ALL_WRITE_TMP, (config) => {
    config.process.noNewPrivileges = false;
  });
  assert.match(runScript(t, 'true', { spec }).stderr, /process\.noNewPrivileges/);
});
