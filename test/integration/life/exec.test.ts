import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  type BundleOptions,
  makeBundle,
  needsRoot,
  type RuntimeName,
} from '../../support/bundle.ts';

const options = { skip: needsRoot };
const STATUS = "grep -E '^(Cap|NoNew|Uid|Gid|Groups|Seccomp:)' /proc/self/status";

/** Runs `exec` in the same container under davit and runc, and expects the same output. */
function sameExec(
  t: Parameters<typeof makeBundle>[0],
  flags: string[],
  script: string,
  spec?: BundleOptions['spec'],
): string {
  const [ours, theirs] = (['davit', 'runc'] as RuntimeName[]).map((runtime) => {
    const bundle = makeBundle(t, { runtime, args: ['sleep', '1000'], spec });
    bundle.runDetached();
    const done = bundle.runtime('exec', ...flags, bundle.id, 'sh', '-c', script);
    return done.stdout + (done.status ? done.stderr : '');
  });
  assert.equal(ours, theirs, 'davit’s view (actual) is not runc’s (expected)');
  return ours!.trimEnd();
}

test('by default exec has the properties of the container’s process', options, (t) => {
  const seen = sameExec(
    t,
    [],
    `${STATUS}; pwd; env | sort; cat /proc/self/oom_score_adj; ulimit -n`,
  );
  assert.match(seen, /^CapEff:\t0000000020000420$/m);
});

test('exec enters the container’s namespaces and root', options, (t) => {
  const bundle = makeBundle(t, { args: ['sleep', '1000'] });
  bundle.runDetached();
  const links = 'for n in /proc/self/ns/*; do readlink $n; done; hostname';
  const inside = bundle.exec('sh', '-c', links).stdout;
  assert.equal(inside, bundle.exec('sh', '-c', links.replaceAll('self', '1')).stdout);
  assert.match(bundle.exec('ps', '-o', 'pid,args').stdout, /^\s+1 sleep 1000$/m);
});

test('--user, --additional-gids, --env, --cwd', options, (t) => {
  const flags = [
    '--user',
    '1000:1001',
    '-g',
    '5',
    '-g',
    '6',
    '-e',
    'A=1',
    '-e',
    'B=x y',
    '--cwd',
    '/tmp',
  ];
  const seen = sameExec(t, flags, `${STATUS}; pwd; env | grep -E '^(A|B)='`);
  assert.match(seen, /^Uid:\t1000\t1000\t1000\t1000$/m);
  assert.match(seen, /^Groups:\t5 6\s*$/m);
  assert.match(seen, /^\/tmp\nA=1\nB=x y$/m);
});

test('--cap adds to all sets of capabilities but the inheritable one', options, (t) => {
  const bundle = makeBundle(t, { args: ['sleep', '1000'] });
  bundle.runDetached();
  const { stdout } = bundle.runtime('exec', '--cap', 'CAP_CHOWN', bundle.id, 'sh', '-c', STATUS);
  assert.match(stdout, /^CapInh:\t0000000000000000$/m);
  assert.match(stdout, /^CapEff:\t0000000020000421$/m);
  assert.match(stdout, /^CapBnd:\t0000000020000421$/m);
});

test('exec warns about an unknown capability', options, (t) => {
  const bundle = makeBundle(t, { args: ['sleep', '1000'] });
  bundle.runDetached();
  const { status, stderr } = bundle.runtime('exec', '--cap', 'CAP_SPELT', bundle.id, 'true');
  assert.equal(status, 0, stderr);
  assert.match(stderr, /level=warning msg="ignoring unknown capabilities: CAP_SPELT"/);
});

test('--no-new-privs', options, (t) => {
  const off = (spec: { process: { noNewPrivileges?: boolean } }): void => {
    spec.process.noNewPrivileges = false;
  };
  assert.match(sameExec(t, ['--no-new-privs'], STATUS, off), /^NoNewPrivs:\t1$/m);
  assert.match(sameExec(t, [], STATUS, off), /^NoNewPrivs:\t0$/m);
});

test('--process', options, (t) => {
  const bundle = makeBundle(t, { args: ['sleep', '1000'] });
  bundle.runDetached();
  const file = join(bundle.dir, 'process.json');
  const process = {
    args: ['sh', '-c', 'id -u; pwd; echo $A'],
    cwd: '/etc',
    env: ['A=b', 'PATH=/bin'],
    user: { uid: 3, gid: 4 },
  };
  writeFileSync(file, JSON.stringify(process));
  const { stdout, stderr } = bundle.runtime('exec', '--process', file, bundle.id);
  assert.equal(stdout, '3\n/etc\nb\n', stderr);
});

test('exec enters a container with a user namespace', options, (t) => {
  const seen = sameExec(
    t,
    [],
    `id; cat /proc/self/uid_map; ${STATUS}; touch /dev/shm/x && stat -c %u /dev/shm/x`,
    (spec) => {
      spec.linux.namespaces.push({ type: 'user' });
      spec.linux.uidMappings = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
      spec.linux.gidMappings = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
    },
  );
  assert.match(seen, /^uid=0\(root\) gid=0\(root\)/);
});

test('exec installs the container’s seccomp filter', options, (t) => {
  const seen = sameExec(t, [], `${STATUS}; mkdir /dev/shm/d 2>&1; true`, (spec) => {
    spec.linux.seccomp = {
      defaultAction: 'SCMP_ACT_ALLOW',
      syscalls: [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO' }],
    };
  });
  assert.match(seen, /Seccomp:\t2\n.*not permitted$/s);
});

test('exec returns the program’s status, and 255 for its own errors', options, (t) => {
  const bundle = makeBundle(t, { args: ['sleep', '1000'] });
  bundle.runDetached();
  const exec = (...args: string[]) => bundle.exec(...args).status;
  assert.equal(exec('true'), 0);
  assert.equal(exec('sh', '-c', 'exit 9'), 9);
  assert.equal(exec('sh', '-c', 'kill -9 $$'), 137);
  const missing = bundle.exec('no-such-program');
  assert.equal(missing.status, 255);
  assert.match(missing.stderr, /no-such-program.*executable file not found in \$PATH/);
  assert.equal(bundle.runtime('exec', '--cwd', '/no/such', bundle.id, 'true').status, 255);
  assert.equal(bundle.runtime('exec', bundle.id).status, 255);
});

test('stdin, stdout and stderr are passed on', options, (t) => {
  const bundle = makeBundle(t, { args: ['sleep', '1000'] });
  bundle.runDetached();
  const done = bundle.runtimeWith(
    { input: 'text' },
    'exec',
    bundle.id,
    'sh',
    '-c',
    'cat; echo err >&2',
  );
  assert.deepEqual([done.stdout, done.stderr, done.status], ['text', 'err\n', 0]);
});

test('exec in a stopped container is refused', options, (t) => {
  const bundle = makeBundle(t);
  bundle.run('--keep');
  const { status, stderr } = bundle.exec('true');
  assert.equal(status, 255);
  assert.match(stderr, /cannot exec in a stopped container/);
});

test('exec in a created container', options, (t) => {
  const bundle = makeBundle(t, { args: ['sleep', '1000'] });
  bundle.create();
  const { stdout, stderr } = bundle.exec('echo', 'here');
  assert.equal(stdout, 'here\n', stderr);
  assert.equal(bundle.state().status, 'created');
});

test('RLIMIT_NPROC is set for another user by a root without CAP_SYS_RESOURCE', options, (t) => {
  const bundle = makeBundle(t, {
    args: ['sleep', '1000'],
    spec: ({ process }) => {
      process.rlimits = [{ type: 'RLIMIT_NPROC', soft: 50, hard: 60 }];
    },
  });
  bundle.runDetached();
  const exec = ['--root', bundle.root, 'exec', '--user', '1000', bundle.id, 'cat'];
  const davit = [bundle.binary, ...exec, '/proc/self/limits'];
  const { stdout, stderr } = bundle.command('setpriv', '--bounding-set', '-sys_resource', ...davit);
  assert.match(stdout, /^Max processes +50 +60 /m, stderr);
});
