import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { TestContainer } from 'davit/plugin/testing';

const plugin = join(import.meta.dirname, 'index.ts');

test('the container has the variable and the file', async () => {
  const args = ['sh', '-c', 'echo $CONTAINER_HOSTNAME; cat /etc/greeting'];
  await using container = new TestContainer({ plugin, args, options: { greeting: 'ahoy' } });
  const { status, stdout, stderr } = await container.run();
  assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: 'davit\nahoy\n', stderr: '' });
});

test('a failure of the program is reported', async () => {
  await using container = new TestContainer({ plugin, args: ['sh', '-c', 'exit 4'] });
  const { status, stderr } = await container.run();
  assert.equal(status, 4);
  assert.match(stderr, /plugin template: the program ended with status 4/);
});

test('an annotation refuses the container', async () => {
  await using container = new TestContainer({
    plugin,
    spec(spec) {
      spec.annotations = { 'template.refuse': 'true' };
    },
  });
  const { status, stderr } = await container.create();
  assert.equal(status, 1);
  assert.match(
    stderr,
    /createCgroup: plugin template: before createCgroup: annotations\["template\.refuse"\] refuses this container/,
  );
});

test('invalid options are refused', async () => {
  await using container = new TestContainer({ plugin, options: { greeting: 5 } });
  const { stderr } = await container.run();
  assert.match(stderr, /plugin template: options: greeting: expected a string/);
});
