import assert from 'node:assert/strict';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Bundle, makeBundle, needsRoot, type TestSpec } from '../../support/bundle.ts';
import { waitFor } from '../../support/wait-for.ts';

const options = { skip: needsRoot };

interface Case {
  name: string;
  spec?: (spec: TestSpec, bundle: Bundle) => void;
  break?: (bundle: Bundle) => void;
  /** Regular expressions that the line on stderr matches. */
  says: (string | RegExp)[];
}

const cases: Case[] = [
  {
    name: 'no config.json',
    break: ({ dir }) => rmSync(join(dir, 'config.json')),
    says: ['JSON specification file config.json not found'],
  },
  {
    name: 'malformed JSON',
    break: ({ dir }) =>
      writeFileSync(join(dir, 'config.json'), '{\n  "ociVersion": "1.0.2",\n  oops\n}'),
    says: [/config\.json:3:3/],
  },
  {
    name: 'an empty config.json',
    break: ({ dir }) => writeFileSync(join(dir, 'config.json'), ''),
    says: ['config.json'],
  },
  {
    name: 'a field of the wrong type',
    break: ({ dir }) =>
      writeFileSync(
        join(dir, 'config.json'),
        JSON.stringify({
          ociVersion: '1.0.2',
          process: { args: 'sh', cwd: '/' },
          root: { path: 'rootfs' },
        }),
      ),
    says: ['process.args', '"sh"'],
  },
  {
    name: 'no args',
    spec: (spec) => {
      spec.process.args = [];
    },
    says: ['process.args'],
  },
  {
    name: 'a relative cwd',
    spec: (spec) => {
      spec.process.cwd = 'tmp';
    },
    says: ['process.cwd', 'tmp'],
  },
  {
    name: 'an unknown capability',
    spec: (spec) => {
      spec.process.rlimits = [{ type: 'RLIMIT_NOPE', soft: 1, hard: 1 }] as never;
    },
    says: ['process.rlimits[0].type', 'RLIMIT_NOPE'],
  },
  {
    name: 'a rootfs that is not there',
    spec: (spec) => {
      spec.root.path = 'elsewhere';
    },
    says: ['root.path', 'elsewhere', /no such file/],
  },
  {
    name: 'a rootfs that is a file',
    spec: (spec) => {
      spec.root.path = 'config.json';
    },
    says: ['root.path', 'config.json', /not a directory/i],
  },
  {
    name: 'a namespace path of the wrong kind',
    spec: (spec) => {
      spec.linux.namespaces[1] = { type: 'network', path: '/proc/self/ns/uts' };
    },
    says: ['linux.namespaces[1].path', '/proc/self/ns/uts'],
  },
  {
    name: 'a namespace path that is not there',
    spec: (spec) => {
      spec.linux.namespaces[2] = { type: 'ipc', path: '/no/such/ns' };
    },
    says: ['linux.namespaces[2].path', '/no/such/ns'],
  },
  {
    name: 'an unknown namespace',
    spec: (spec) => {
      spec.linux.namespaces = [{ type: 'nope' as never }];
    },
    says: ['linux.namespaces[0].type', 'nope'],
  },
  {
    name: 'the same namespace twice',
    spec: (spec) => {
      spec.linux.namespaces.push({ type: 'pid' });
    },
    says: ['linux.namespaces[5]', 'pid'],
  },
  {
    name: 'a mapping that the kernel refuses',
    spec: (spec) => {
      spec.linux.namespaces.push({ type: 'user' });
      spec.linux.uidMappings = [
        { containerID: 0, hostID: 100_000, size: 100 },
        { containerID: 50, hostID: 200_000, size: 100 },
      ];
      spec.linux.gidMappings = [{ containerID: 0, hostID: 100_000, size: 100 }];
    },
    says: ['linux.uidMappings'],
  },
  {
    name: 'mappings without a user namespace',
    spec: (spec) => {
      spec.linux.uidMappings = [{ containerID: 0, hostID: 100_000, size: 100 }];
    },
    says: ['linux.uidMappings'],
  },
  {
    name: 'a program that is not there',
    spec: (spec) => {
      spec.process.args = ['no-such-program'];
    },
    says: ['process.args[0]', 'no-such-program', 'executable file not found in $PATH'],
  },
  {
    name: 'a program that is not there, by its path',
    spec: (spec) => {
      spec.process.args = ['/bin/no-such-program'];
    },
    says: ['/bin/no-such-program', /no such file/],
  },
  {
    name: 'a program that is not executable',
    spec: (spec) => {
      spec.process.args = ['/etc/passwd'];
    },
    says: ['/etc/passwd', /permission denied/],
  },
  {
    name: 'a directory as program',
    spec: (spec) => {
      spec.process.args = ['/bin'];
    },
    says: ['/bin', /permission denied|is a directory/],
  },
  {
    name: 'a bind source that is not there',
    spec: (spec) => {
      spec.mounts.push({
        destination: '/mnt',
        type: 'bind',
        source: '/no/such/source',
        options: ['bind'],
      });
    },
    says: ['mounts[7]', '/no/such/source', /ENOENT|no such file/],
  },
  {
    name: 'a hook that is missing',
    spec: (spec) => {
      spec.hooks = { createRuntime: [{ path: '/no/such/hook' }] };
    },
    says: ['hooks.createRuntime[0]', '/no/such/hook'],
  },
  {
    name: 'a hook with a relative path',
    spec: (spec) => {
      spec.hooks = { createRuntime: [{ path: 'hook' }] };
    },
    says: ['hooks.createRuntime[0].path', 'hook'],
  },
  {
    name: 'an unknown sysctl',
    spec: (spec) => {
      spec.linux.sysctl = { 'vm.swappiness': '1' };
    },
    says: ['vm.swappiness'],
  },
  {
    name: 'a terminal without a console socket',
    spec: (spec) => {
      spec.process.terminal = true;
    },
    says: ['console socket'],
  },
  {
    name: 'a user that the namespace does not map',
    spec: (spec) => {
      spec.linux.namespaces.push({ type: 'user' });
      spec.linux.uidMappings = [{ containerID: 0, hostID: 100_000, size: 10 }];
      spec.linux.gidMappings = [{ containerID: 0, hostID: 100_000, size: 10 }];
      spec.process.user = { uid: 5000, gid: 0 };
    },
    says: ['process.user.uid', '5000'],
  },
];

for (const { name, spec, break: breakIt, says } of cases) {
  test(name, options, (t) => {
    const bundle = makeBundle(t);
    bundle.configure((config) => spec?.(config, bundle));
    breakIt?.(bundle);
    const { status, stderr, stdout } = bundle.create();
    assert.equal(status, 1, 'it went well');
    assert.equal(stdout, '');
    const [line, ...more] = stderr.trimEnd().split('\n');
    assert.match(line!, /^davit: create \S+: /);
    assert.ok(more.length <= 1, `one line, and at most a hint: ${stderr}`);
    for (const text of says) {
      if (typeof text === 'string') assert.ok(line!.includes(text), `${text} in ${line}`);
      else assert.match(line!, text);
    }
    assert.equal(bundle.runtime('list', '-q').stdout, '');
    bundle.expectNothingLeft();
  });
}

test('an invalid id is refused', options, (t) => {
  const bundle = makeBundle(t);
  for (const id of ['a/b', '..', '../x', '.', 'a b', '']) {
    for (const command of [
      ['create', '--bundle', bundle.dir],
      ['state'],
      ['delete', '--force'],
      ['start'],
    ]) {
      const { status, stderr } = bundle.runtime(...command, id);
      assert.equal(status, 1, `${command} ${id}`);
      assert.match(stderr, /^davit: [^\n]*(invalid|empty)[^\n]*\n([^\n]*\n)?$/, `${command} ${id}`);
    }
  }
  bundle.expectNothingLeft();
});

test('a missing bundle is named', options, (t) => {
  const bundle = makeBundle(t);
  const { status, stderr } = bundle.runtime('create', '--bundle', '/no/such/bundle', bundle.id);
  assert.equal(status, 1);
  assert.match(stderr, /\/no\/such\/bundle: no such file or directory/);
});

test('config.json is validated before the need for a console socket is checked', options, (t) => {
  const bundle = makeBundle(t);
  bundle.configure((spec) => {
    spec.process.terminal = true;
    spec.process.cwd = 'relative';
  });
  for (const done of [bundle.run(), bundle.run('--detach'), bundle.create()]) {
    assert.equal(done.status, 1);
    assert.match(done.stderr, /validateConfig: config\.json: process\.cwd: "relative": .*\n$/);
  }
});

test('a state directory that cannot be made is an error, traces are not', options, (t) => {
  const bundle = makeBundle(t, { args: ['true'] });
  const started = join(bundle.dir, 'started');
  for (const [root, says] of [
    ['/proc/nope/state', /mkdir \/proc\/nope: ENOENT: no such file or directory/],
    [join(bundle.dir, 'config.json', 'state'), /config\.json.*: ENOTDIR: not a directory/],
    [join(started, 'x'.repeat(300)), /ENAMETOOLONG: name too long/],
  ] as const) {
    const create = ['create', '--bundle', bundle.dir, bundle.id];
    const { status, stderr } = bundle.runtime('--root', root, ...create);
    assert.equal(status, 1, stderr);
    assert.match(stderr, says);
  }
  assert.equal(existsSync(started), false);
  const env = { DAVIT_TRACE_DIR: '/proc/nope/traces' };
  const { status, stderr } = bundle.runtimeWith({ env }, 'run', '-b', bundle.dir, bundle.id);
  assert.deepEqual([status, stderr], [0, '']);
  bundle.expectNothingLeft();
});

test('kill and delete of an ended container have texts that callers match', options, async (t) => {
  const bundle = makeBundle(t);
  bundle.runDetached();
  await waitFor(() => bundle.state().status === 'stopped');
  assert.match(bundle.runtime('kill', bundle.id, 'TERM').stderr, /container not running/);
  assert.equal(bundle.runtime('delete', bundle.id).status, 0);
  assert.match(bundle.runtime('kill', bundle.id, 'TERM').stderr, /container does not exist/);
  assert.match(bundle.runtime('delete', bundle.id).stderr, /container does not exist/);
});

test('a state directory with a damaged record can be deleted', options, (t) => {
  const bundle = makeBundle(t, { args: ['sleep', '1000'] });
  bundle.create();
  bundle.runtime('kill', bundle.id, 'KILL');
  bundle.runtime('delete', '--force', bundle.id);
  mkdirSync(join(bundle.root, bundle.id));
  writeFileSync(join(bundle.root, bundle.id, 'state.json'), '{"id":');
  assert.equal(bundle.runtime('delete', '--force', bundle.id).status, 0);
  bundle.expectNothingLeft();
});
