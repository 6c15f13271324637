import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { CAPABILITIES as capabilities } from '../../../src/config/names/capabilities.ts';
import { makeBundle, needsRoot, type TestSpec } from '../../support/bundle.ts';
import { sameOutput, scriptOutput } from '../../support/run-script.ts';

const options = { skip: needsRoot };

const status = (...fields: string[]): string =>
  `grep -E '^(${fields.join('|')}):' /proc/self/status`;
/**
 * The values of the program itself: a child of its shell may have other ambient sets and nice
 * value.
 */
const CAPS = status('CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb', 'NoNewPrivs');

test('the default process', options, (t) => {
  const seen = sameOutput(
    t,
    `${CAPS}; id; umask; pwd; env | sort; ulimit -n; cat /proc/self/oom_score_adj`,
  );
  assert.match(seen, /^CapEff:\t0000000020000420$/m);
  assert.match(seen, /^NoNewPrivs:\t1$/m);
  assert.match(seen, /^1024$/m);
});

test('capabilities: all five sets', options, (t) => {
  const seen = sameOutput(t, CAPS, (spec) => {
    spec.process.capabilities = {
      bounding: ['CAP_CHOWN', 'CAP_KILL', 'CAP_SETUID', 'CAP_NET_RAW'],
      permitted: ['CAP_CHOWN', 'CAP_KILL', 'CAP_NET_RAW'],
      effective: ['CAP_CHOWN'],
      inheritable: ['CAP_CHOWN', 'CAP_NET_RAW'],
      ambient: ['CAP_CHOWN'],
    };
    spec.process.user = { uid: 1000, gid: 1000 };
    spec.process.noNewPrivileges = false;
  });
  assert.match(seen, /^CapAmb:\t0000000000000001$/m);
  assert.match(seen, /^CapEff:\t0000000000000001$/m);
  assert.match(seen, /^CapBnd:\t00000000000020a1$/m);
});

test('no capabilities, and all capabilities of the caller', options, (t) => {
  const none = sameOutput(t, CAPS, (spec) => {
    spec.process.capabilities = {};
  });
  assert.match(none, /^CapBnd:\t0000000000000000$/m);
  const own = BigInt(
    `0x${/^CapEff:\t(\w+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))![1]}`,
  );
  const list = capabilities.filter((_, number) => (own >> BigInt(number)) & 1n);
  const all = sameOutput(t, CAPS, (spec) => {
    spec.process.capabilities = { bounding: list, permitted: list, effective: list };
  });
  assert.equal(BigInt(`0x${/^CapEff:\t(\w+)$/m.exec(all)![1]}`), own);
});

test('capabilities that davit lacks are left out with a warning', options, (t) => {
  const bundle = makeBundle(t);
  bundle.configure((spec) => {
    const all = [...capabilities];
    spec.process.args = ['sh', '-c', CAPS];
    spec.process.capabilities = { bounding: all, permitted: all, effective: all };
  });
  const without = ['--bounding-set', '-mknod', '--inh-caps', '-all', bundle.binary];
  const run = ['--root', bundle.root, 'run', '--bundle', bundle.dir, bundle.id];
  const { status, stdout, stderr } = bundle.command('setpriv', ...without, ...run);
  assert.equal(status, 0, stderr);
  assert.match(stderr, /level=warning msg="ignoring unavailable capabilities: .*\bCAP_MKNOD\b/);
  const effective = BigInt(`0x${/^CapEff:\t(\w+)$/m.exec(stdout)![1]}`);
  assert.equal(effective & (1n << BigInt(capabilities.indexOf('CAP_MKNOD'))), 0n);
  assert.notEqual(effective & (1n << BigInt(capabilities.indexOf('CAP_SYS_ADMIN'))), 0n);
});

test('an operation without its capability fails', options, (t) => {
  const script = 'chown 5:5 /tmp/f 2>&1; stat -c %u /tmp/f; hostname x 2>&1';
  const seen = sameOutput(t, `touch /tmp/f; ${script}`, (spec) => {
    spec.mounts.push({ destination: '/tmp', type: 'tmpfs', source: 'tmpfs' });
    spec.process.args = ['sh', '-c', `${script}; true`];
  }).replace(/^touch.*/, '');
  assert.match(seen, /not permitted|Operation/);
});

test('rlimits', options, (t) => {
  const seen = sameOutput(t, 'sed 1d /proc/self/limits | sort', (spec) => {
    spec.process.rlimits = [
      { type: 'RLIMIT_NOFILE', soft: 100, hard: 200 },
      { type: 'RLIMIT_CORE', soft: 0, hard: 0 },
      { type: 'RLIMIT_NPROC', soft: 50, hard: 60 },
      { type: 'RLIMIT_STACK', soft: 4_194_304, hard: 8_388_608 },
    ];
  });
  assert.match(seen, /^Max open files\s+100\s+200\s/m);
  assert.match(seen, /^Max processes\s+50\s+60\s/m);
});

test('without rlimits, the program has the caller’s', options, (t) => {
  const bundle = makeBundle(t, { args: ['sh', '-c', 'ulimit -Sn; ulimit -Hn'] });
  bundle.configure((spec) => {
    spec.process.args = ['sh', '-c', 'ulimit -Sn; ulimit -Hn'];
    delete spec.process.rlimits;
  });
  const script = `ulimit -Sn 333; ulimit -Hn 4444; exec "$@"`;
  const command = [
    '-c',
    script,
    'sh',
    bundle.binary,
    '--root',
    bundle.root,
    'run',
    '-b',
    bundle.dir,
  ];
  const running = bundle.command('/bin/sh', ...command, bundle.id);
  assert.equal(running.stdout, '333\n4444\n', running.stderr);
});

test('oom_score_adj', options, (t) => {
  // A value below the caller's would need CAP_SYS_RESOURCE.
  for (const value of [400, 500]) {
    const seen = sameOutput(t, 'cat /proc/self/oom_score_adj', (spec) => {
      spec.process.oomScoreAdj = value;
    });
    assert.equal(seen, String(value));
  }
});

test('noNewPrivileges', options, (t) => {
  for (const value of [true, false]) {
    const seen = sameOutput(t, status('NoNewPrivs'), (spec) => {
      spec.process.noNewPrivileges = value;
    });
    assert.equal(seen, `NoNewPrivs:\t${Number(value)}`);
  }
});

test('user, groups and umask', options, (t) => {
  const seen = sameOutput(t, `${status('Uid', 'Gid', 'Groups')}; umask`, (spec) => {
    spec.process.user = { uid: 1001, gid: 1002, additionalGids: [7, 8, 1002], umask: 0o27 };
  });
  assert.match(seen, /^Uid:\t1001\t1001\t1001\t1001$/m);
  assert.match(seen, /^Gid:\t1002\t1002\t1002\t1002$/m);
  assert.match(seen, /^Groups:\t7 8 1002\s*$/m);
  assert.match(seen, /^0027$/m);
});

test('the environment is exactly config.json’s, with HOME added', options, (t) => {
  const seen = sameOutput(t, 'env | sort', (spec) => {
    spec.process.env = ['PATH=/bin', 'A=1', 'EMPTY=', 'SPACED=a b', 'A=2'];
  });
  assert.match(seen, /^A=2$/m);
  assert.match(seen, /^EMPTY=$/m);
  assert.match(seen, /^HOME=\/root$/m);
});

test('the program is found in the container’s PATH', options, (t) => {
  const bundle = makeBundle(t);
  bundle.write('opt/tools/tool', '#!/bin/sh\necho "$0 $*"\n', 0o755);
  bundle.configure((spec) => {
    spec.process.args = ['tool', 'a b', ''];
    spec.process.env = ['PATH=/nowhere:/opt/tools:/bin'];
  });
  assert.equal(bundle.run().stdout, '/opt/tools/tool a b \n');
});

test('SIGPIPE and the other signals have their default actions', options, (t) => {
  const seen = sameOutput(t, status('SigBlk', 'SigIgn', 'SigCgt'));
  // Signals that the caller ignores stay ignored. Node ignores SIGPIPE by itself: davit restores
  // it.
  const ignored = BigInt(`0x${/^SigIgn:\t(\w+)$/m.exec(seen)![1]}`);
  assert.equal(ignored & (1n << 12n), 0n);
  assert.match(seen, /^SigBlk:\t0000000000000000$/m);
});

test('the program has no fds but stdio, without O_NONBLOCK', options, (t) => {
  // fd 3 is opened by ls itself.
  assert.equal(sameOutput(t, 'ls /proc/self/fd'), '0\n1\n2\n3');
  const flags = scriptOutput(t, 'for n in 0 1 2; do grep flags /proc/self/fdinfo/$n; done');
  const O_NONBLOCK = 0o4000;
  for (const line of flags.split('\n')) {
    assert.equal(Number.parseInt(line.slice(7), 8) & O_NONBLOCK, 0, line);
  }
});

test('--preserve-fds', options, (t) => {
  const bundle = makeBundle(t, {
    args: ['sh', '-c', 'read a <&3; read b <&4; echo $a $b; ls /proc/self/fd'],
  });
  const fds = ['a', 'b', 'c'].map((text) => openSync(bundle.write(text, `${text}\n`), 'r'));
  const flags = ['run', '--preserve-fds', '2', '--bundle', bundle.dir, bundle.id];
  const { stdout, stderr } = bundle.runtimeWith(
    { stdio: ['ignore', 'pipe', 'pipe', ...fds] },
    ...flags,
  );
  for (const fd of fds) closeSync(fd);
  assert.equal(stdout, 'a b\n0\n1\n2\n3\n4\n5\n', stderr);
});

test('LISTEN_FDS', options, (t) => {
  const script = 'echo $LISTEN_FDS $LISTEN_PID; read a <&3; echo $a';
  const views = (['davit', 'runc'] as const).map((runtime) => {
    const bundle = makeBundle(t, { runtime, args: ['sh', '-c', script] });
    const fd = openSync(bundle.write('a', 'socket\n'), 'r');
    // LISTEN_PID must be davit's pid: the shell becomes davit.
    const command = ['-c', 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"', 'sh', bundle.binary];
    const flags = ['--root', bundle.root, 'run', '--bundle', bundle.dir, bundle.id];
    const done = bundle.commandWith(
      { stdio: ['ignore', 'pipe', 'pipe', fd] },
      '/bin/sh',
      ...command,
      ...flags,
    );
    closeSync(fd);
    return done.stdout + done.stderr;
  });
  assert.equal(views[0], '1 1\nsocket\n');
  assert.equal(views[0], views[1]);
});

test('--pidfd-socket gets a pidfd of init', options, async (t) => {
  const bundle = makeBundle(t, { args: ['sleep', '1000'] });
  const path = join(bundle.dir, 'socket');
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  t.after(() => server.close());
  const received = new Promise<string>((resolve) => {
    server.on('connection', (socket) => socket.on('data', (bytes) => resolve(String(bytes))));
  });
  bundle.runDetached('--pidfd-socket', path);
  assert.equal(await received, 'standard');
});

test('the program has its own session keyring, except with --no-new-keyring', options, (t) => {
  const keyrings = (...flags: string[]): string => {
    const bundle = makeBundle(t);
    bundle.configure((spec) => {
      spec.linux.maskedPaths = [];
      spec.process.args = ['sh', '-c', `grep -c "_ses.${bundle.id}" /proc/keys`];
    });
    return bundle.run(...flags).stdout;
  };
  assert.equal(keyrings(), '1\n');
  assert.equal(keyrings('--no-new-keyring'), '0\n');
});

test('exec joins the session keyring of the container', options, (t) => {
  const keyrings = (...flags: string[]): string => {
    const spec = (spec: TestSpec) => {
      spec.linux.maskedPaths = [];
    };
    const bundle = makeBundle(t, { args: ['sleep', '1000'], spec });
    bundle.runDetached(...flags);
    // Another user sees root's keyring only if the user possesses it.
    const look = ['grep', '-c', `_ses.${bundle.id}`, '/proc/keys'];
    return bundle.runtime('exec', '--user', '1000', bundle.id, ...look).stdout;
  };
  assert.equal(keyrings(), '1\n');
  assert.equal(keyrings('--no-new-keyring'), '0\n');
});

test('scheduler, I/O priority and personality', options, (t) => {
  const seen = scriptOutput(
    t,
    "awk '{ print $41, $19 }' /proc/self/stat; uname -m; cat /proc/self/personality",
    {
      spec: (spec) => {
        spec.process.scheduler = { policy: 'SCHED_BATCH', nice: 3 };
        spec.linux.personality = { domain: 'LINUX32' };
      },
    },
  );
  assert.match(seen, /^3 3\ni686\n00000008$/);
});
