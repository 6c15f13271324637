import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeBundle, needsRoot } from '../../test/support/bundle.ts';

const options = { skip: needsRoot };

function audited(t: TestContext, args: string[], file?: string) {
  const bundle = makeBundle(t, {
    spec(spec) {
      spec.process.args = args;
      spec.mounts.push(
        { destination: '/rw', type: 'bind', source: '/tmp', options: ['bind'] },
        { destination: '/ro', type: 'bind', source: '/usr', options: ['bind', 'ro'] },
      );
    },
  });
  const log = file ?? join(bundle.dir, 'audit.jsonl');
  const config = join(bundle.dir, 'davit.json');
  const plugins = [{ plugin: join(import.meta.dirname, 'index.ts'), options: { file: log } }];
  writeFileSync(config, JSON.stringify({ plugins }));
  const command = (...line: string[]) =>
    bundle.runtimeWith({ env: { DAVIT_CONFIG: config } }, ...line);
  const records = () =>
    readFileSync(log, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  return { bundle, command, records };
}

test('start, exec, end and delete are recorded', options, (t) => {
  const { bundle, command, records } = audited(t, ['sleep', '1000']);
  assert.equal(command('create', '--bundle', bundle.dir, bundle.id).stderr, '');
  assert.equal(command('start', bundle.id).stderr, '');
  assert.equal(command('exec', '--user', '5:6', bundle.id, 'id', '-u').stdout, '5\n');
  assert.equal(command('delete', '--force', bundle.id).stderr, '');
  const [start, exec, end] = records();
  assert.equal(records().length, 3);
  assert.deepEqual([start.event, start.id, start.args], ['start', bundle.id, ['sleep', '1000']]);
  assert.equal(start.caller.uid, 0);
  assert.equal(start.caller.parent.pid, process.pid);
  assert.deepEqual(start.privileges.writableHostPaths, ['/tmp']);
  assert.deepEqual(start.privileges.sharedNamespaces.includes('user'), true);
  assert.equal(start.privileges.seccomp, false);
  assert.ok(start.privileges.capabilities.includes('CAP_KILL'));
  assert.deepEqual([exec.event, exec.args, exec.user.uid], ['exec', ['id', '-u'], 5]);
  assert.deepEqual([end.event, end.id], ['delete', bundle.id]);
});

test('run records the exit status', options, (t) => {
  const { bundle, command, records } = audited(t, ['sh', '-c', 'exit 7']);
  assert.equal(command('run', '--bundle', bundle.dir, bundle.id).status, 7);
  const events = records().map(({ event, exitStatus }) => [event, exitStatus]);
  assert.deepEqual(events, [
    ['start', undefined],
    ['end', 7],
    ['delete', undefined],
  ]);
});

test('a program whose start cannot be recorded does not run', options, (t) => {
  const { bundle, command } = audited(t, ['true'], '/absent/audit.jsonl');
  const { status, stderr } = command('run', '--bundle', bundle.dir, bundle.id);
  assert.match(stderr, /exec: plugin audit: before exec: ENOENT/);
  assert.equal(status, 1);
  bundle.expectNothingLeft();
});
