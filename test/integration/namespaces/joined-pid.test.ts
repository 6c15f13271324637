import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { HookName } from '../../../src/config/names/hook-names.ts';
import { type Bundle, makeBundle, needsRoot, type TestSpec } from '../../support/bundle.ts';

/*
 * Containers in another container's pid namespace: Docker's --pid container:X, or a pod with shared
 * processes. init enters the namespace only as a sealed program:
 * docs/decisions/a-pid-namespace-of-others-is-entered-last.md
 */

const options = { skip: needsRoot };

function running(t: TestContext, spec?: (spec: TestSpec) => void): Bundle {
  const bundle = makeBundle(t, { args: ['sleep', '1000'], spec });
  bundle.runDetached();
  return bundle;
}

/** A container in the pid namespace of process `pid`. */
const joining = (
  t: TestContext,
  pid: number | 'self',
  args: string[],
  spec: (spec: TestSpec) => void = () => {},
): Bundle =>
  makeBundle(t, {
    args,
    spec: (config) => {
      const namespace = config.linux.namespaces.find(({ type }) => type === 'pid')!;
      Object.assign(namespace, { path: `/proc/${pid}/ns/pid` });
      spec(config);
    },
  });

const namespaceOf = (pid: number, file = 'pid'): string => readlinkSync(`/proc/${pid}/ns/${file}`);

test('/proc is of the joined namespace, and the state’s pid is the host’s', options, (t) => {
  const { pid: other } = running(t).state();
  const bundle = joining(t, other, ['sh', '-c', 'ps -o pid,args; sleep 1000']);
  const file = join(bundle.dir, 'pid');
  const created = bundle.create('--pid-file', file);
  assert.equal(created.status, 0, created.stderr);
  const { pid, status } = bundle.state();
  assert.equal(status, 'created');
  assert.equal(readFileSync(file, 'utf8'), String(pid));
  assert.equal(namespaceOf(pid), namespaceOf(other));
  assert.equal(readFileSync(`/proc/${pid}/cmdline`, 'utf8'), `davit\0init\0${bundle.id}\0`);
  assert.equal(bundle.start().status, 0);
  assert.equal(bundle.state().status, 'running');
  assert.equal(bundle.state().pid, pid);

  const seen = bundle.exec('ps', '-o', 'args');
  assert.match(seen.stdout, /^sleep 1000$/m);
  assert.doesNotMatch(seen.stdout, /node|davit/);
  assert.equal(bundle.exec('sh', '-c', 'exit 3').status, 3);

  assert.equal(bundle.runtime('kill', bundle.id, 'KILL').status, 0);
  assert.equal(bundle.runtime('delete', '--force', bundle.id).status, 0);
  bundle.expectNothingLeft();
});

test('run in the foreground: exit status, signals, a terminal', options, (t) => {
  const { pid } = running(t).state();
  const plain = joining(t, pid, ['sh', '-c', 'ps -o args | grep -cx "sleep 1000"; exit 7']);
  const { status, stdout, stderr } = plain.run();
  assert.deepEqual({ status, stdout, stderr }, { status: 7, stdout: '1\n', stderr: '' });

  const killed = joining(t, pid, ['sh', '-c', 'kill -TERM $$']);
  assert.equal(killed.run().status, 128 + 15);

  const terminal = joining(t, pid, ['sh', '-c', 'tty; : >/dev/tty && echo controlling'], (spec) => {
    spec.process.terminal = true;
  });
  const command = `${terminal.binary} --root ${terminal.root} run -b ${terminal.dir} ${terminal.id}`;
  const typed = terminal.command('script', '-qec', command, '/dev/null');
  // script(1) types NUL when its own input ends, and the terminal may echo it anywhere.
  assert.match(typed.stdout.replaceAll('^@', ''), /^\/dev\/pts\/0\r\ncontrolling/);
});

test('both containers are in the same user namespace', options, (t) => {
  const { pid } = running(t, (spec) => {
    spec.linux.namespaces.push({ type: 'user' });
    const ids = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
    Object.assign(spec.linux, { uidMappings: ids, gidMappings: ids });
  }).state();
  const bundle = joining(t, pid, ['sh', '-c', 'ps -o args; cat /proc/self/uid_map'], (spec) => {
    spec.linux.namespaces.push({ type: 'user', path: `/proc/${pid}/ns/user` });
  });
  const { status, stdout, stderr } = bundle.run();
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^sleep 1000$/m);
  assert.match(stdout, /^\s+0\s+100000\s+65536$/m);
});

test('a new user namespace and time namespace, with a joined pid namespace', options, (t) => {
  const { pid } = running(t).state();
  const bundle = joining(t, pid, ['sh', '-c', 'readlink /proc/self/ns/pid; id -u'], (spec) => {
    const ids = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
    Object.assign(spec.linux, { uidMappings: ids, gidMappings: ids });
    spec.linux.namespaces.push({ type: 'user' }, { type: 'time' });
    spec.linux.timeOffsets = { boottime: { secs: 1000 } };
    // Root of a user namespace cannot mount a procfs of a pid namespace that belongs to another.
    const proc = spec.mounts.find(({ type }) => type === 'proc')!;
    Object.assign(proc, { type: 'bind', source: '/proc', options: ['rbind'] });
    Object.assign(spec.linux, { maskedPaths: [], readonlyPaths: [] });
  });
  const { status, stderr, stdout } = bundle.run();
  assert.equal(status, 0, stderr);
  assert.match(stdout, /0\n$/);
});

test('the joined namespace is davit’s own', options, (t) => {
  const bundle = joining(t, 'self', ['readlink', '/proc/self/ns/pid']);
  const { status, stdout, stderr } = bundle.run();
  assert.equal(status, 0, stderr);
  assert.equal(stdout.trim(), namespaceOf(process.pid));
});

test('seccomp filters, also one that refuses what entering needs', options, (t) => {
  const { pid } = running(t).state();
  for (const noNewPrivileges of [true, false]) {
    for (const names of [['mkdir'], ['clone', 'setsid', 'mkdir', 'accept4']]) {
      const bundle = joining(t, pid, ['mkdir', '/tmp/x'], (spec) => {
        spec.process.noNewPrivileges = noNewPrivileges;
        spec.linux.seccomp = {
          defaultAction: 'SCMP_ACT_ALLOW',
          syscalls: [{ names, action: 'SCMP_ACT_ERRNO', errnoRet: 99 }],
        };
      });
      assert.equal(bundle.create().status, 0);
      assert.equal(namespaceOf(bundle.state().pid), namespaceOf(pid));
      assert.equal(bundle.start().status, 0);
      assert.equal(bundle.runtime('delete', '--force', bundle.id).status, 0);
      const { status, stderr } = bundle.run();
      assert.equal(status, 1, `${names} ${noNewPrivileges}`);
      assert.match(stderr, /^mkdir: /);
    }
  }
});

test('a pids.max too low for the extra process is one clear line', options, (t) => {
  const { pid } = running(t).state();
  const bundle = joining(t, pid, ['true'], (spec) => {
    spec.linux.resources = { ...spec.linux.resources, pids: { limit: 1 } };
  });
  const { status, stderr } = bundle.run();
  assert.equal(status, 1);
  const expected =
    /^davit: .* enterPidNamespace: clone into the pid namespace: EAGAIN: .*pids\.max.*\n$/;
  assert.match(stderr, expected);
  bundle.expectNothingLeft();

  const alone = running(t, (spec) => {
    spec.linux.resources = { ...spec.linux.resources, pids: { limit: 2 } };
  });
  const exec = alone.exec('true');
  assert.equal(exec.status, 255);
  assert.match(exec.stderr, expected);
});

test('the joined namespace’s init has ended', options, (t) => {
  const other = running(t);
  const { pid } = other.state();
  const bundle = joining(t, pid, ['true']);
  assert.equal(other.runtime('kill', other.id, 'KILL').status, 0);
  other.runtime('delete', '--force', other.id);
  const { status, stderr } = bundle.run();
  assert.equal(status, 1);
  assert.match(stderr, /linux\.namespaces\[0\]\.path/);
  bundle.expectNothingLeft();
});

/** Appends its name, pid namespace, uts namespace, user, working directory and state to a file. */
const HOOK = `#!/bin/sh
echo "$1|$(readlink /proc/self/ns/pid)|$(readlink /proc/self/ns/uts)|$(id -u)|$(pwd)|$(cat)" >> $2
`;

interface Heard {
  kind: string;
  pid: string | undefined;
  uts: string | undefined;
  uid: string | undefined;
  cwd: string | undefined;
  state: { pid?: number; status: string };
}

function logging(bundle: Bundle): () => Heard[] {
  const log = join(bundle.dir, 'log');
  mkdirSync(log);
  writeFileSync(join(log, 'log'), '');
  chmodSync(join(log, 'log'), 0o666);
  const file = join(bundle.dir, 'hook');
  writeFileSync(file, HOOK);
  chmodSync(file, 0o755);
  bundle.write('bin/hook', HOOK, 0o755);
  const hook = (kind: HookName) => {
    const inside = kind === 'startContainer';
    const [path, output] = inside ? ['/bin/hook', '/log/log'] : [file, join(log, 'log')];
    const env = ['PATH=/usr/bin:/bin'];
    return [{ path, args: ['hook', kind, output], env }];
  };
  const config = JSON.parse(readFileSync(join(bundle.dir, 'config.json'), 'utf8'));
  config.mounts.push({ destination: '/log', type: 'bind', source: log, options: ['bind'] });
  const kinds = ['createRuntime', 'createContainer', 'startContainer', 'poststart'] as const;
  config.hooks = Object.fromEntries(kinds.map((kind) => [kind, hook(kind)]));
  writeFileSync(join(bundle.dir, 'config.json'), JSON.stringify(config));
  return () => {
    const lines = readFileSync(join(log, 'log'), 'utf8').trim().split('\n');
    return lines.map((line) => {
      const [kind = '', pid, uts, uid, cwd, state = ''] = line.split('|');
      return { kind, pid, uts, uid, cwd, state: JSON.parse(state) };
    });
  };
}

for (const noNewPrivileges of [true, false]) {
  const title = `hooks run where they should, ${noNewPrivileges ? 'with' : 'without'} noNewPrivileges`;
  test(title, options, (t) => {
    const { pid: other } = running(t).state();
    const bundle = joining(t, other, ['sleep', '1000'], (spec) => {
      spec.process.user = { uid: 1000, gid: 1000 };
      spec.process.noNewPrivileges = noNewPrivileges;
      spec.linux.seccomp = {
        defaultAction: 'SCMP_ACT_ALLOW',
        syscalls: [{ names: ['rmdir'], action: 'SCMP_ACT_ERRNO' }],
      };
    });
    const heard = logging(bundle);
    bundle.runDetached();
    const { pid } = bundle.state();
    const [createRuntime, createContainer, startContainer, poststart] = heard();
    assert.equal(heard().length, 4);
    const inside = { pid: namespaceOf(other), uts: namespaceOf(pid, 'uts') };
    const outside = { pid: namespaceOf(process.pid), uts: namespaceOf(process.pid, 'uts') };
    assert.partialDeepStrictEqual(createRuntime, { kind: 'createRuntime', ...outside });
    assert.equal(createRuntime?.state.status, 'creating');
    assert.partialDeepStrictEqual(createContainer, {
      ...{ kind: 'createContainer', ...inside, uid: '0', cwd: bundle.rootfs },
      state: { status: 'creating', pid: createRuntime!.state.pid },
    });
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    const insidePid = Number(/^NSpid:.*\t(\d+)$/m.exec(status)![1]);
    assert.partialDeepStrictEqual(startContainer, {
      ...{ kind: 'startContainer', ...inside, uid: '1000', cwd: '/' },
      state: { status: 'created', pid: insidePid },
    });
    assert.partialDeepStrictEqual(poststart, { ...outside, state: { status: 'running', pid } });
  });
}

for (const kind of ['createContainer', 'startContainer'] as const) {
  test(`a ${kind} hook that fails, hangs or is missing fails the container`, options, (t) => {
    const { pid } = running(t).state();
    for (const [script, message] of [
      ['echo the last words >&2; exit 7', /exit status 7, output: the last words/],
      ['sleep 100', /hook ran past specified timeout of 1\.0s/],
      [undefined, /: exec \S+: ENOENT: no such file or directory \(hint: the path of /],
    ] as const) {
      const bundle = joining(t, pid, ['sleep', '1000']);
      if (script) bundle.write('bin/bad', `#!/bin/sh\n${script}\n`, 0o755);
      const path = kind === 'startContainer' ? '/bin/bad' : join(bundle.rootfs, 'bin/bad');
      const config = JSON.parse(readFileSync(join(bundle.dir, 'config.json'), 'utf8'));
      config.hooks = { [kind]: [{ path, timeout: 1 }] };
      writeFileSync(join(bundle.dir, 'config.json'), JSON.stringify(config));
      const { status, stderr } = bundle.run('--detach');
      assert.equal(status, 1);
      assert.match(stderr, new RegExp(`error running ${kind} hook #0: ${path}: `));
      assert.match(stderr, message);
      assert.match(stderr, new RegExp(`hooks\\.${kind}\\[0\\]`));
      bundle.expectNothingLeft();
    }
  });
}

test('a failing startContainer hook ends a created container', options, (t) => {
  const { pid } = running(t).state();
  const bundle = joining(t, pid, ['sleep', '1000'], (spec) => {
    spec.hooks = { startContainer: [{ path: '/bin/false' }] };
  });
  assert.equal(bundle.create().status, 0);
  const { status, stderr } = bundle.start();
  assert.equal(status, 1);
  assert.match(stderr, /startContainer hook #0: \/bin\/false: exit status 1/);
  assert.equal(bundle.state().status, 'stopped');
});
