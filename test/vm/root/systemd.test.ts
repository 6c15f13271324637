import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { test } from 'node:test';
import type { TestSpec } from '../../support/bundle.ts';
import { runCommand } from '../../support/command.ts';
import { embed } from '../../support/embed.ts';
import { waitFor } from '../../support/wait-for.ts';
import {
  cgroupDirectory,
  isLoaded,
  propertiesOf,
  runInScope,
  sleeper,
  sleepInScope,
  unitOf,
} from '../scope.ts';

test('a container is in the same scope as under runc, and the scope ends with it', (t) => {
  const bundle = sleepInScope(t);
  const { pid } = bundle.state();
  const dir = cgroupDirectory(pid);
  assert.equal(dir, `/sys/fs/cgroup/system.slice/${unitOf(bundle)}`);
  assert.equal(readFileSync(`${dir}/cgroup.procs`, 'utf8'), `${pid}\n`);
  const deleted = bundle.runtime('delete', '--force', bundle.id);
  assert.equal(deleted.status, 0, deleted.stderr);
  assert.equal(existsSync(dir), false);
  assert.equal(isLoaded(unitOf(bundle)), false);
});

test('the scope ends when the program ends', (t) => {
  const bundle = sleeper(t, (spec) => {
    spec.process.args = ['sh', '-c', 'cat /proc/self/cgroup; exit 3'];
  });
  const done = runInScope(bundle);
  assert.deepEqual([done.status, done.stdout], [3, '0::/\n'], done.stderr);
  assert.equal(isLoaded(unitOf(bundle)), false);
});

test('cgroupsPath gives the slice, the prefix and the name', (t) => {
  const bundle = sleepInScope(t, (spec) => {
    spec.linux.cgroupsPath = 'davit-a-b.slice:libpod:web1';
  });
  const place = 'davit.slice/davit-a.slice/davit-a-b.slice/libpod-web1.scope';
  assert.equal(cgroupDirectory(bundle.state().pid), `/sys/fs/cgroup/${place}`);
});

test('programs of exec join the scope', (t) => {
  const bundle = sleepInScope(t);
  const dir = cgroupDirectory(bundle.state().pid);
  const detached = bundle.runtime('exec', '--detach', bundle.id, 'sleep', '1000');
  assert.equal(detached.status, 0, detached.stderr);
  assert.equal(readFileSync(`${dir}/cgroup.procs`, 'utf8').trim().split('\n').length, 2);
  assert.equal(bundle.runtime('pause', bundle.id).status, 0);
  assert.equal(bundle.state().status, 'paused');
  assert.equal(bundle.runtime('resume', bundle.id).status, 0);
  assert.equal(bundle.runtime('ps', '--format', 'json', bundle.id).stdout.split(',').length, 2);
});

test('/bin/true runs with a memory limit of 512 KiB', (t) => {
  const bundle = sleeper(t, (spec) => {
    spec.process.args = ['true'];
    spec.linux.resources = { memory: { limit: 512 << 10 } };
  });
  const done = runInScope(bundle);
  assert.equal(done.status, 0, done.stderr);
});

test('a program runs with a limit of one process', (t) => {
  const bundle = sleepInScope(t, (spec) => {
    spec.linux.resources = { pids: { limit: 1 } };
  });
  assert.equal(propertiesOf(unitOf(bundle)).get('TasksMax'), '1');
});

test('annotations are properties of the scope', (t) => {
  const bundle = sleepInScope(t, (spec) => {
    spec.annotations = {
      'org.systemd.property.TimeoutStopSec': '7',
      'org.systemd.property.CollectMode': "'inactive-or-failed'",
    };
  });
  const properties = propertiesOf(unitOf(bundle));
  assert.equal(properties.get('TimeoutStopUSec'), '7s');
  assert.equal(properties.get('CollectMode'), 'inactive-or-failed');
});

test('a container that may write to its cgroup owns it', (t) => {
  const bundle = sleepInScope(t, (spec) => {
    spec.linux.namespaces.push({ type: 'user' });
    spec.linux.uidMappings = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
    spec.linux.gidMappings = spec.linux.uidMappings;
    for (const mount of spec.mounts) {
      if (mount.type === 'cgroup') mount.options = mount.options!.filter((one) => one !== 'ro');
    }
  });
  const dir = cgroupDirectory(bundle.state().pid);
  for (const path of [dir, `${dir}/cgroup.procs`]) assert.equal(statSync(path).uid, 100_000);
  const made = bundle.exec('mkdir', '/sys/fs/cgroup/below');
  assert.equal(made.status, 0, made.stderr);
});

test('containers of a Node.js program are in scopes', (t) => {
  const bundle = sleeper(t);
  const program = embed(
    `const container = await davit.create({ id: ${JSON.stringify(bundle.id)}, bundle: ${JSON.stringify(bundle.dir)} });
     await container.start();
     const { pid } = await container.state();
     fs.writeSync(1, fs.readFileSync('/proc/' + pid + '/cgroup'));
     await container.delete({ force: true });`,
    bundle.root,
    { systemdCgroup: true },
  );
  const { status, stdout, stderr } = runCommand(process.execPath, program);
  assert.equal(status, 0, stderr);
  assert.equal(stdout, `0::/system.slice/${unitOf(bundle)}\n`);
  assert.equal(isLoaded(unitOf(bundle)), false);
});

test('a refusal of systemd is reported in its words, and nothing is left', (t) => {
  const refused = (change: Parameters<typeof sleeper>[1], message: RegExp) => {
    const bundle = sleeper(t, change);
    const { status, stderr } = runInScope(bundle, '--detach');
    assert.equal(status, 1);
    assert.match(stderr, message);
    bundle.expectNothingLeft();
    assert.equal(isLoaded(unitOf(bundle)), false);
  };
  const annotated = (name: string, value: string) => (spec: TestSpec) => {
    spec.annotations = { [`org.systemd.property.${name}`]: value };
  };
  const at = (cgroupsPath: string) => (spec: TestSpec) => {
    spec.linux.cgroupsPath = cgroupsPath;
  };
  refused(annotated('NoSuchThing', 'true'), /unable to start unit "runc-.*scope": .*NoSuchThing/);
  refused(
    annotated('After', 'x'),
    /annotations\["org.systemd.property.After"\]: expected a value such as/,
  );
  refused(at('a.slice:b c:d'), /unable to start unit "b c-d.scope": Invalid unit name/);
  refused(
    at('/a/b'),
    /linux.cgroupsPath: expected cgroupsPath to be of format "slice:prefix:name"/,
  );
});

test('an existing scope with processes is left alone', (t) => {
  const bundle = sleeper(t);
  const unit = unitOf(bundle);
  const args = ['--scope', '--quiet', `--unit=${unit}`, 'sh', '-c', 'sleep 1000 & exit'];
  assert.equal(runCommand('systemd-run', args).status, 0);
  try {
    const { status, stderr } = runInScope(bundle, '--detach');
    assert.equal(status, 1);
    assert.match(stderr, /container's cgroup is not empty: 1 process/);
    assert.equal(propertiesOf(unit).get('ActiveState'), 'active');
  } finally {
    runCommand('systemctl', ['stop', unit]);
  }
});

test('a failed scope of the same name is replaced', async (t) => {
  const bundle = sleeper(t);
  const unit = unitOf(bundle);
  const limit = '--property=RuntimeMaxSec=1';
  runCommand('systemd-run', ['--scope', '--quiet', `--unit=${unit}`, limit, 'sleep', '1000'], {
    timeout: 60_000,
  });
  await waitFor(() => propertiesOf(unit).get('ActiveState') === 'failed');
  const { status, stderr } = runInScope(bundle, '--detach');
  assert.equal(status, 0, stderr);
});

test('a davit that is killed half-way leaves no process, and delete cleans up', async (t) => {
  const bundle = sleeper(t);
  // While init waits for its hook, the placeholder process keeps the scope.
  bundle.configure((spec) => {
    spec.hooks = {
      createRuntime: [{ path: '/bin/sh', args: ['sh', '-c', 'kill -9 $PPID'] }],
    };
  });
  const { signal } = runInScope(bundle, '--detach');
  assert.equal(signal, 'SIGKILL');
  const deleted = bundle.runtime('delete', '--force', bundle.id);
  assert.equal(deleted.status, 0, deleted.stderr);
  await waitFor(() => !isLoaded(unitOf(bundle)));
});
