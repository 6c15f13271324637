import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { HOOK_NAMES, type HookName } from '../../../src/config/names/hook-names.ts';
import { type Bundle, makeBundle, needsRoot } from '../../support/bundle.ts';

const options = { skip: needsRoot };

/**
 * The namespaces of each kind (config.md, POSIX-platform Hooks) and the status in its state
 * (runtime.md).
 */
const KINDS: Record<HookName, { inside: boolean; status: string }> = {
  prestart: { inside: false, status: 'creating' },
  createRuntime: { inside: false, status: 'creating' },
  createContainer: { inside: true, status: 'creating' },
  startContainer: { inside: true, status: 'created' },
  poststart: { inside: false, status: 'running' },
  poststop: { inside: false, status: 'stopped' },
};

/** Writes a hook script into the bundle's directory on the host. Returns its path. */
function hook(bundle: Bundle, name: string, script: string): string {
  const file = join(bundle.dir, name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return file;
}

/** Every kind of hook appends a line to a log: its kind, its namespaces, its root and its state. */
function logging(bundle: Bundle): void {
  bundle.write('log/.keep', '');
  bundle.configure((spec) => {
    spec.process.args = ['sh', '-c', 'echo program >> /log/log'];
    spec.mounts.push({
      destination: '/log',
      type: 'bind',
      source: join(bundle.rootfs, 'log'),
      options: ['bind'],
    });
    // A createContainer hook is looked up in the container's mount namespace, on the old root; a
    // startContainer hook in the container's root.
    bundle.write('bin/inside', script('/log/log'), 0o755);
    const outside = hook(bundle, 'outside', script(join(bundle.rootfs, 'log/log')));
    spec.hooks = Object.fromEntries(
      HOOK_NAMES.map((kind) => [
        kind,
        [
          {
            path: kind === 'startContainer' ? '/bin/inside' : outside,
            args: ['hook', kind],
            env: [`KIND=${kind}`, 'PATH=/bin:/usr/bin'],
          },
        ],
      ]),
    );
  });
}

const script = (log: string): string =>
  `#!/bin/sh\necho "$1|$KIND|$(readlink /proc/self/ns/uts)|$(pwd)|$(cat)" >> ${log}`;

interface Entry {
  kind: string;
  env: string;
  uts: string;
  cwd: string;
  state: { id: string; status: string; pid?: number; bundle: string; ociVersion: string };
}

function entriesOf(bundle: Bundle): (Entry | 'program')[] {
  const lines = readFileSync(join(bundle.rootfs, 'log/log'), 'utf8').trim().split('\n');
  return lines.map((line) => {
    if (line === 'program') return line;
    const [kind, env, uts, cwd, state] = line.split('|') as [
      string,
      string,
      string,
      string,
      string,
    ];
    return { kind, env, uts, cwd, state: JSON.parse(state) };
  });
}

test('six kinds of hooks: order, namespaces, state on stdin, args, environment', options, (t) => {
  const bundle = makeBundle(t);
  logging(bundle);
  const { status, stderr } = bundle.run();
  assert.equal(status, 0, stderr);
  const entries = entriesOf(bundle);
  assert.deepEqual(
    entries.map((entry) => (entry === 'program' ? entry : entry.kind)),
    [
      'prestart',
      'createRuntime',
      'createContainer',
      'startContainer',
      ...programAndPoststart(entries),
      'poststop',
    ],
  );
  const host = readlinkSync('/proc/self/ns/uts');
  for (const entry of entries) {
    if (entry === 'program') continue;
    const { inside, status } = KINDS[entry.kind as HookName];
    assert.equal(entry.env, entry.kind);
    assert.equal(entry.uts !== host, inside, `namespaces of ${entry.kind}`);
    if (!inside) assert.equal(entry.cwd, bundle.dir, `working directory of ${entry.kind}`);
    assert.equal(entry.state.status, status, entry.kind);
    assert.equal(entry.state.id, bundle.id);
    assert.equal(entry.state.bundle, bundle.dir);
    assert.equal(entry.state.ociVersion, '1.3.0');
  }
});

test('hooks without env get davit’s environment, as with runc', options, (t) => {
  const bundle = makeBundle(t);
  const file = hook(bundle, 'hook', `cat /proc/self/environ > "$1"`);
  const kinds = ['prestart', 'createRuntime', 'poststart', 'poststop'] as const;
  const output = (kind: string) => join(bundle.dir, `${kind}.environ`);
  bundle.configure((spec) => {
    spec.process.args = ['cat', '/proc/1/environ'];
    spec.hooks = Object.fromEntries(
      kinds.map((kind) => [kind, [{ path: file, args: ['hook', output(kind)] }]]),
    );
  });
  const env = {
    NODE_OPTIONS: '--require /nope.js',
    NODE_EXTRA_CA_CERTS: '/etc/a b\n"$HOME"\'.pem',
    SSL_CERT_FILE: '',
    OPENSSL_CONF: '/nope',
    UV_THREADPOOL_SIZE: '3',
    // Names that a hook script may use for its own variables.
    name: 'a',
    self: 'b',
    here: 'c',
    node: 'd',
  };
  const ran = bundle.runtimeWith({ env }, 'run', '--bundle', bundle.dir, bundle.id);
  assert.equal(ran.status, 0, ran.stderr);
  assert.doesNotMatch(ran.stdout, /NODE|DAVIT|nope/);
  for (const kind of kinds) {
    const variables = readFileSync(output(kind), 'utf8').split('\0');
    for (const [name, value] of Object.entries(env)) {
      const found = variables.filter((variable) => variable.startsWith(`${name}=`));
      assert.deepEqual(found, [`${name}=${value}`], kind);
    }
    const own = variables.filter((variable) =>
      /^DAVIT_(?!TEST_RUN|TRACE_DIR|SERVER)/.test(variable),
    );
    assert.deepEqual(own, [], kind);
  }
});

test('a startContainer hook without env gets the program’s, HOME included', options, (t) => {
  const bundle = makeBundle(t);
  bundle.write('etc/passwd', 'me:x:1000:1000::/home/me:/bin/sh\n');
  const hooked = (env?: string[]): string => {
    bundle.configure((spec) => {
      const script = 'echo $ONE $HOME';
      spec.process.args = ['sh', '-c', script];
      spec.process.env = ['ONE=two', 'PATH=/bin'];
      spec.process.user = { uid: 1000, gid: 1000 };
      const args = ['sh', '-c', `exec >&2; ${script}; exit 1`];
      spec.hooks = { startContainer: [{ path: '/bin/sh', args, ...(env && { env }) }] };
    });
    return /output: (.*)/.exec(
      bundle.runtime('run', '--bundle', bundle.dir, bundle.id).stderr,
    )![1]!;
  };
  assert.equal(hooked(), 'two /home/me');
  assert.equal(hooked(['ONE=three']), 'three');
});

/** The program's first steps and poststart hooks run in either order. */
function programAndPoststart(entries: (Entry | 'program')[]): string[] {
  const order = entries.map((entry) => (entry === 'program' ? entry : entry.kind));
  return order.indexOf('program') < order.indexOf('poststart')
    ? ['program', 'poststart']
    : ['poststart', 'program'];
}

test('the pid in the state of a runtime hook is init’s, as the host sees it', options, (t) => {
  const bundle = makeBundle(t, { args: ['sleep', '1000'] });
  const file = hook(bundle, 'hook', 'cat > "$0.state"');
  bundle.configure((spec) => {
    spec.process.args = ['sleep', '1000'];
    spec.hooks = { createRuntime: [{ path: file }] };
  });
  bundle.runDetached();
  assert.equal(JSON.parse(readFileSync(`${file}.state`, 'utf8')).pid, bundle.state().pid);
});

for (const kind of HOOK_NAMES.filter((name) => name !== 'poststop')) {
  test(`a failing ${kind} hook: kind, index, path and output; nothing is left`, options, (t) => {
    const bundle = makeBundle(t);
    bundle.write('bin/bad', '#!/bin/sh\necho first; echo the last words >&2; exit 7\n', 0o755);
    const bad = kind === 'startContainer' ? '/bin/bad' : join(bundle.rootfs, 'bin/bad');
    const good = kind === 'startContainer' ? '/bin/true' : '/bin/true';
    bundle.configure((spec) => {
      spec.process.args = ['sleep', '1000'];
      spec.hooks = { [kind]: [{ path: good }, { path: bad }] };
    });
    const { status, stderr } = bundle.run('--detach');
    assert.equal(status, 1);
    assert.match(stderr, new RegExp(`${kind} hook #1: ${bad}: exit status 7`));
    assert.match(stderr, /the last words/);
    assert.match(stderr, new RegExp(`hooks\\.${kind}\\[1\\]`));
    bundle.expectNothingLeft();
  });
}

for (const kind of ['createRuntime', 'createContainer', 'startContainer'] as const) {
  test(`a ${kind} hook that ends with 137, or by a signal: the error tells which`, options, (t) => {
    for (const [script, told] of [
      ['exit 137', 'exit status 137'],
      ['kill -KILL $$', 'signal: killed'],
    ]) {
      const bundle = makeBundle(t, {
        spec: (spec) => {
          spec.hooks = { [kind]: [{ path: '/bin/sh', args: ['sh', '-c', script] }] };
        },
      });
      const { status, stderr } = bundle.run();
      assert.equal(status, 1);
      assert.ok(stderr.includes(`error running ${kind} hook #0: /bin/sh: ${told}`), stderr);
    }
  });
}

for (const command of ['start', 'run --detach']) {
  test(`a failing poststart hook fails ${command}, and ends the container`, options, (t) => {
    const bundle = makeBundle(t);
    const last = hook(bundle, 'last', 'cat > "$0.state"');
    bundle.configure((spec) => {
      spec.process.args = ['sleep', '1000'];
      spec.hooks = { poststart: [{ path: '/bin/false' }], poststop: [{ path: last }] };
    });
    if (command === 'start') assert.equal(bundle.create().status, 0);
    const { status, stderr } = command === 'start' ? bundle.start() : bundle.run('--detach');
    assert.equal(status, 1);
    assert.match(stderr, /hooks\.poststart\[0\].*exit status 1/);
    bundle.expectNothingLeft();
    const state = JSON.parse(readFileSync(`${last}.state`, 'utf8'));
    assert.equal(state.status, 'stopped');
    // As with runc, a state without annotations does not have the field.
    assert.ok(!('annotations' in state));
  });
}

test('a failing poststop hook gives a warning, and the next hooks run', options, (t) => {
  const bundle = makeBundle(t);
  const second = hook(bundle, 'second', 'touch "$0.ran"');
  bundle.configure((spec) => {
    spec.process.args = ['true'];
    spec.hooks = { poststop: [{ path: '/bin/false' }, { path: second }] };
  });
  const { status, stderr } = bundle.run();
  assert.equal(status, 0);
  assert.match(stderr, /poststop hook #0: \/bin\/false: exit status 1/);
  assert.ok(existsSync(`${second}.ran`));
  bundle.expectNothingLeft();
});

test('a hook that exceeds its timeout is killed', options, (t) => {
  const bundle = makeBundle(t);
  const slow = hook(bundle, 'slow', 'echo waiting; exec sleep 1000');
  bundle.configure((spec) => {
    spec.hooks = { createRuntime: [{ path: slow, timeout: 1 }] };
  });
  const { status, stderr } = bundle.create();
  assert.equal(status, 1);
  assert.match(stderr, /createRuntime hook #0: \S+slow: hook ran past specified timeout of 1\.0s/);
  assert.match(stderr, /waiting/);
  bundle.expectNothingLeft();
});

test('a missing hook is an error that names it', options, (t) => {
  const bundle = makeBundle(t, {
    spec: (spec) => {
      spec.hooks = { prestart: [{ path: '/no/such/hook' }] };
    },
  });
  const { status, stderr } = bundle.create();
  assert.equal(status, 1);
  assert.match(stderr, /hooks\.prestart\[0\].*\/no\/such\/hook.*(ENOENT|no such file)/);
  bundle.expectNothingLeft();
});

for (const kind of ['createContainer', 'startContainer'] as const) {
  test(`a ${kind} hook that exceeds its timeout is killed`, options, (t) => {
    const bundle = makeBundle(t, { args: ['sleep', '1000'] });
    const inside = bundle.write('bin/slow', '#!/bin/sh\necho waiting; exec sleep 1000\n', 0o755);
    const path = kind === 'startContainer' ? '/bin/slow' : inside;
    bundle.configure((spec) => {
      spec.process.args = ['sleep', '1000'];
      spec.hooks = { [kind]: [{ path, timeout: 1 }] };
    });
    const { status, stderr } = bundle.run('--detach');
    assert.equal(status, 1);
    assert.match(stderr, new RegExp(`${kind} hook #0: ${path}: hook ran past .* of 1\\.0s`));
    assert.match(stderr, /output: waiting/);
    bundle.expectNothingLeft();
  });
}

test('a large state does not block a hook that prints before it reads', options, (t) => {
  const bundle = makeBundle(t);
  const note = 'x'.repeat(200_000);
  const loud = hook(bundle, 'loud', 'yes loud | head -c 1000000; cat > "$0.state"');
  bundle.configure((spec) => {
    spec.annotations = { note };
    spec.hooks = { createRuntime: [{ path: loud, timeout: 100 }] };
  });
  const { status, stderr } = bundle.run();
  assert.equal(status, 0, stderr);
  assert.equal(JSON.parse(readFileSync(`${loud}.state`, 'utf8')).annotations.note, note);
});

test('a hook’s output, however long, does not appear in the output of davit', options, (t) => {
  const bundle = makeBundle(t);
  const loud = hook(bundle, 'loud', 'yes loud | head -c 1000000; echo loud >&2');
  bundle.configure((spec) => {
    spec.process.args = ['echo', 'the program'];
    spec.hooks = { createRuntime: [{ path: loud }], poststop: [{ path: loud }] };
  });
  const { status, stdout, stderr } = bundle.run();
  assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: 'the program\n', stderr: '' });
});
