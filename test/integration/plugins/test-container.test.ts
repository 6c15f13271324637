import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { TestContainer, type TestContainerOptions } from 'davit/plugin/testing';
import { needsRoot } from '../../support/bundle.ts';
import { makeUser, needsUser } from '../../support/host/user.ts';

/* `davit/plugin/testing`. The template's tests, which package.test.ts runs, use it, too. */

const options = { skip: needsRoot };
const template = join(import.meta.dirname, '../../../plugins/template/index.ts');

function made(t: TestContext, more: Partial<TestContainerOptions> = {}): TestContainer {
  const container = new TestContainer({ plugin: template, ...more });
  t.after(() => container.remove());
  return container;
}

test('create, start, exec and state; nothing is left', options, async (t) => {
  const container = made(t, { args: ['sleep', '1000'], options: { greeting: 'ahoy' } });
  assert.deepEqual(await container.create(), { status: 0, stdout: '', stderr: '' });
  assert.equal((await container.start()).status, 0);
  assert.equal((await container.exec('cat', '/etc/greeting')).stdout, 'ahoy\n');
  assert.equal((await container.exec('sh', '-c', 'exit 3')).status, 3);
  const { stdout } = await container.davit('state', container.id);
  assert.equal(JSON.parse(stdout).bundle, container.bundle);
  await container.remove();
  assert.ok(!existsSync(container.bundle));
});

test('a plugin that comes with davit', options, async (t) => {
  const container = made(t, { plugin: 'davit/plugins/startup-budget', options: { budget: 'x' } });
  const { status, stderr } = await container.run();
  assert.match(stderr, /plugin startup-budget: options: /);
  assert.equal(status, 1);
});

test('a command that does not end is killed and named', options, async (t) => {
  const container = made(t, { args: ['sleep', '1000'], commandTimeout: 3000 });
  await assert.rejects(container.run(), /^Error: davit run --bundle .*: no end after 3000 ms/);
  await container.remove();
  assert.ok(!existsSync(container.bundle));
});

test('wrong options are refused', () => {
  const make = (given: object) => () => new TestContainer(given as TestContainerOptions);
  assert.throws(make({ plugin: template, arg: [] }), /arg: no such option: did you mean args\?/);
  assert.throws(make({}), /new TestContainer: plugin: undefined: expected a string/);
});

test('an ordinary user tests in a user namespace', { skip: needsUser }, (t) => {
  const user = makeUser(t);
  const plugin = join(user.home, 'plugin.ts');
  writeFileSync(
    plugin,
    `export default { name: 'mine', adjust: () => ({ env: { GREETING: 'ahoy' } }) };`,
  );
  const program = `
    import { TestContainer } from '${import.meta.resolve('davit/plugin/testing')}';
    const args = ['sh', '-c', 'id -u; echo $GREETING'];
    await using container = new TestContainer({ plugin: 'plugin.ts', args });
    console.log(JSON.stringify(await container.run()));`;
  const { stdout, stderr } = user.run(process.execPath, ['--input-type=module', '-e', program], {
    cwd: user.home,
  });
  assert.equal(stderr, '');
  assert.deepEqual(JSON.parse(stdout), { status: 0, stdout: '0\nahoy\n', stderr: '' });
});
