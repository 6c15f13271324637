import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeBundle, needsRoot, type TestSpec } from '../../test/support/bundle.ts';

const options = { skip: needsRoot };

function run(t: TestContext, script: string, given: object, change?: (spec: TestSpec) => void) {
  const bundle = makeBundle(t, {
    spec(spec) {
      spec.process.args = ['sh', '-c', script];
      spec.root.readonly = false;
      change?.(spec);
    },
  });
  const config = join(bundle.dir, 'davit.json');
  const plugins = [{ plugin: join(import.meta.dirname, 'index.ts'), options: given }];
  writeFileSync(config, JSON.stringify({ plugins }));
  const env = { DAVIT_CONFIG: config };
  return bundle.runtimeWith({ env }, 'run', '--bundle', bundle.dir, bundle.id);
}

test('the container has the variable and the file', options, (t) => {
  const script = 'echo $CONTAINER_HOSTNAME; cat /etc/greeting';
  const { stdout, stderr } = run(t, script, { greeting: 'ahoy' });
  assert.deepEqual({ stdout, stderr }, { stdout: 'davit\nahoy\n', stderr: '' });
});

test('a failure of the program is reported', options, (t) => {
  const { status, stderr } = run(t, 'exit 4', {});
  assert.equal(status, 4);
  assert.match(stderr, /plugin template: the program ended with status 4/);
});

test('an annotation refuses the container', options, (t) => {
  const { status, stderr } = run(t, 'true', {}, (spec) => {
    spec.annotations = { 'template.refuse': 'true' };
  });
  assert.equal(status, 1);
  assert.match(
    stderr,
    /createCgroup: plugin template: before createCgroup: annotations\["template\.refuse"\] refuses this container/,
  );
});

test('invalid options are refused', options, (t) => {
  assert.match(run(t, 'true', { greeting: 5 }).stderr, /plugin template: options: greeting/);
});
