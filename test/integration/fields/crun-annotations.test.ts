import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { addUserNamespace } from '../../support/attacker.ts';
import {
  type Bundle,
  makeBundle,
  needsRoot,
  type RuntimeName,
  type TestSpec,
} from '../../support/bundle.ts';
import type { Result } from '../../support/command.ts';
import { cgroupVersion } from '../../support/host/cgroup-files.ts';
import { has } from '../../support/host/has.ts';
import { runScript, scriptOutput } from '../../support/run-script.ts';
import { startSeccompAgent } from '../../support/system-calls/start-seccomp-agent.ts';

// The annotations in crun(1), "Extensions to OCI", in davit and in the installed crun.

const options = { skip: needsRoot };
const RUNTIMES: RuntimeName[] = has('crun') ? ['davit', 'crun'] : ['davit'];

/** Runs `check` with the same bundle for davit and for crun. */
function sameInCrun(
  t: TestContext,
  spec: (spec: TestSpec) => void,
  check: (bundle: Bundle) => void,
) {
  for (const runtime of RUNTIMES) {
    const bundle = makeBundle(t, { runtime });
    bundle.configure((config) => {
      // crun 1.8 accepts no later version.
      config.ociVersion = '1.0.2';
      spec(config);
    });
    check(bundle);
  }
}

/** Runs davit with additional groups 7 and 8. */
const inGroups = (bundle: Bundle, ...args: string[]): Result =>
  bundle.command('setpriv', '--groups', '7,8', bundle.binary, '--root', bundle.root, ...args);

const groupsOf = (bundle: Bundle): string | undefined =>
  /^Groups:\t(.*?) ?$/m.exec(readFileSync(`/proc/${bundle.state().pid}/status`, 'utf8'))?.[1];

for (const [value, groups] of [
  ['1', '7 8'],
  ['0', '5'],
] as const) {
  test(`keep_original_groups=${value} in run and exec`, options, (t) => {
    const spec = (config: TestSpec): void => {
      config.process.args = ['sleep', '1000'];
      config.process.user.additionalGids = [5];
      config.annotations = { 'run.oci.keep_original_groups': value };
    };
    sameInCrun(t, spec, (bundle) => {
      const ran = inGroups(bundle, 'run', '--detach', '--bundle', bundle.dir, bundle.id);
      assert.equal(ran.status, 0, ran.stderr);
      assert.equal(groupsOf(bundle), groups, bundle.name);
      const inside = inGroups(bundle, 'exec', bundle.id, 'grep', 'Groups', '/proc/self/status');
      // exec: crun drops the container's additional groups; davit keeps them, as runc does.
      const expected = bundle.name === 'crun' && value === '0' ? '' : groups;
      assert.equal(inside.stdout, `Groups:\t${expected} \n`, bundle.name);
    });
  });
}

test('keep_original_groups in a user namespace keeps the ids that the host uses', options, (t) => {
  const bundle = makeBundle(t, {
    args: ['sleep', '1000'],
    spec(spec) {
      addUserNamespace(spec);
      spec.annotations = { 'run.oci.keep_original_groups': '1' };
    },
  });
  const { status, stderr } = inGroups(bundle, 'run', '-d', '--bundle', bundle.dir, bundle.id);
  assert.equal(status, 0, stderr);
  assert.equal(groupsOf(bundle), '7 8');
});

const KINDS = ['createRuntime', 'createContainer', 'startContainer', 'poststart', 'poststop'];

/** Every hook prints the name of its kind on stdout, and in capitals on stderr. */
function addHooks(bundle: Bundle, spec: TestSpec): void {
  const script = '#!/bin/sh\necho "$1"; echo "$1" | tr a-z A-Z >&2\n';
  const outside = join(bundle.dir, 'hook');
  writeFileSync(outside, script, { mode: 0o755 });
  bundle.write('bin/hook', script, 0o755);
  spec.hooks = Object.fromEntries(
    KINDS.map((kind) => {
      const path = kind === 'startContainer' ? '/bin/hook' : outside;
      return [kind, [{ path, args: ['hook', kind] }]];
    }),
  );
}

test(
  'hooks.stdout and hooks.stderr: the output of every kind of hook is appended',
  options,
  (t) => {
    for (const runtime of RUNTIMES) {
      const bundle = makeBundle(t, { runtime });
      const [out, err] = [join(bundle.dir, 'out'), join(bundle.dir, 'err')];
      bundle.configure((spec) => {
        spec.ociVersion = '1.0.2';
        spec.annotations = { 'run.oci.hooks.stdout': out, 'run.oci.hooks.stderr': err };
        addHooks(bundle, spec);
      });
      writeFileSync(out, 'before\n');
      for (const args of [['create', '--bundle', bundle.dir], ['start'], ['delete', '--force']]) {
        const { status, stderr } = bundle.runtime(...args, bundle.id);
        assert.equal(status, 0, `${runtime} ${args[0]}: ${stderr}`);
      }
      // Sorted: crun runs poststart hooks without waiting for startContainer hooks.
      const lines = (file: string) => readFileSync(file, 'utf8').trim().split('\n').sort();
      assert.deepEqual(lines(out), ['before', ...KINDS].sort(), runtime);
      assert.deepEqual(lines(err), KINDS.map((kind) => kind.toUpperCase()).sort(), runtime);
    }
  },
);

// With only createContainer hooks, init shares davit's memory.
for (const kind of ['createRuntime', 'createContainer']) {
  test(`hooks.stdout is relative to the bundle, stderr is in the error: ${kind}`, options, (t) => {
    const bundle = makeBundle(t, {
      spec(spec) {
        spec.annotations = { 'run.oci.hooks.stdout': 'out' };
        const args = ['sh', '-c', 'echo out; echo err >&2; exit 3'];
        spec.hooks = { [kind]: [{ path: '/bin/sh', args }] };
      },
    });
    const { status, stderr } = bundle.run();
    assert.equal(status, 1);
    assert.match(stderr, new RegExp(`${kind}Hooks: .*exit status 3, output: err$`, 'm'));
    assert.equal(readFileSync(join(bundle.dir, 'out'), 'utf8'), 'out\n');
  });
}

test('hook output cannot be opened: an error, or for poststop hooks a warning', options, (t) => {
  const [file, hook] = ['/no/such/directory/out', [{ path: '/bin/true' }]];
  const annotations = { 'run.oci.hooks.stderr': file };
  const failed = (hooks: object): Result => {
    const bundle = makeBundle(t, { spec: (spec) => Object.assign(spec, { annotations, hooks }) });
    const done = bundle.run();
    bundle.expectNothingLeft();
    return done;
  };
  const said =
    /annotations\[\\?"run\.oci\.hooks\.stderr\\?"\]: open \/no\/such\/directory\/out: ENOENT/;
  const outside = failed({ createRuntime: hook });
  assert.equal(outside.status, 1);
  assert.match(outside.stderr, said);
  const inside = failed({ startContainer: hook });
  assert.equal(inside.status, 1);
  assert.match(inside.stderr, said);
  const after = failed({ poststop: hook });
  assert.equal(after.status, 0);
  assert.match(after.stderr, said);
});

for (const [value, status] of [
  ['1', 1],
  ['0', 0],
] as const) {
  test(`seccomp_fail_unknown_syscall=${value} with an unknown system call`, options, (t) => {
    const spec = (config: TestSpec): void => {
      config.annotations = { 'run.oci.seccomp_fail_unknown_syscall': value };
      const syscalls = [{ names: ['mkdir', 'nosuchcall'], action: 'SCMP_ACT_ERRNO' as const }];
      config.linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW', syscalls };
    };
    sameInCrun(t, spec, (bundle) => {
      const done = bundle.run();
      assert.equal(done.status, status, `${bundle.name}: ${done.stderr}`);
      assert.match(done.stderr, status ? /nosuchcall/ : /^$/);
    });
  });
}

test('seccomp.receiver gets the listener, unless listenerPath is set', options, async (t) => {
  const bundle = makeBundle(t);
  const receiver = join(bundle.dir, 'agent');
  const asked = await startSeccompAgent(t, receiver);
  const run = (path: string, listenerPath?: string): Result => {
    bundle.configure((spec) => {
      spec.process.args = ['id', '-u'];
      spec.process.noNewPrivileges = true;
      spec.annotations = { 'run.oci.seccomp.receiver': path };
      spec.linux.seccomp = {
        defaultAction: 'SCMP_ACT_ALLOW',
        ...(listenerPath && { listenerPath }),
        syscalls: [{ names: ['getuid', 'geteuid'], action: 'SCMP_ACT_NOTIFY' }],
      };
    });
    return bundle.run();
  };
  const missing = run('/no/such/agent');
  assert.equal(missing.status, 1);
  assert.match(
    missing.stderr,
    /seccomp agent: annotations\[\\?"run\.oci\.seccomp\.receiver"\] \/no\/such\/agent: no such/,
  );
  const { status, stdout, stderr } = run('/no/such/agent', receiver);
  assert.deepEqual([status, stdout], [0, '42\n'], stderr);
  await asked();
});

test('pidfd_receiver gets a pidfd of init', options, async (t) => {
  const bundle = makeBundle(t, {
    args: ['sleep', '1000'],
    spec: (spec) => {
      spec.annotations = { 'run.oci.pidfd_receiver': 'socket' };
    },
  });
  const refused = bundle.create();
  assert.equal(refused.status, 1);
  assert.match(
    refused.stderr,
    /annotations\[\\?"run\.oci\.pidfd_receiver"\] \/.*\/socket: no such/,
  );
  const server = createServer().listen(join(bundle.dir, 'socket'));
  t.after(() => server.close());
  const received = once(server, 'connection').then(([socket]) => once(socket, 'data'));
  bundle.runDetached();
  assert.equal(String((await received)[0]), 'standard');
});

test('an invalid value is refused; an unknown annotation is ignored', options, (t) => {
  const refused = (name: string, value: string): void => {
    const { status, stderr } = runScript(t, 'true', {
      spec: (spec) => {
        spec.annotations = { [name]: value };
      },
    });
    assert.equal(status, 1, `${name}=${value}`);
    assert.ok(stderr.includes(`annotations["${name}"]`), stderr);
    assert.ok(stderr.includes(JSON.stringify(value)), stderr);
  };
  refused('run.oci.keep_original_groups', 'yes');
  refused('run.oci.seccomp_fail_unknown_syscall', '');
  refused('run.oci.mount_context_type', 'rootcontent');
  refused('run.oci.seccomp.receiver', 'relative');
  refused('run.oci.hooks.stdout', '');
  refused('run.oci.delegate-cgroup', cgroupVersion === 1 ? 'below' : '../beside');
  const annotations = { 'run.oci.of_a_later_crun': '1' };
  assert.equal(
    scriptOutput(t, 'echo ran', { spec: (spec) => Object.assign(spec, { annotations }) }),
    'ran',
  );
});

test('an unsupported annotation gives a warning, or an error if it would confine', options, (t) => {
  const run = (name: string, value: string): Result =>
    runScript(t, 'true', {
      spec: (spec) => Object.assign(spec, { annotations: { [name]: value } }),
    });
  const warned = run('run.oci.systemd.subgroup', 'container');
  assert.equal(warned.status, 0);
  assert.match(warned.stderr, /level=warning msg=.*run\.oci\.systemd\.subgroup.*ignored: the con/);
  assert.equal(run('run.oci.systemd.subgroup', '').stderr, '');
  for (const name of ['run.oci.seccomp_bpf_data', 'run.oci.handler']) {
    const refused = run(name, 'krun');
    assert.equal(refused.status, 1);
    assert.ok(
      refused.stderr.includes(`annotations["${name}"]: "krun": expected none: `),
      refused.stderr,
    );
  }
});
