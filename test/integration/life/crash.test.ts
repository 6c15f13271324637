import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { Stage } from '../../../src/context/stage.ts';
import { createStages, deleteStages, startStages } from '../../../src/lifecycle/stages.ts';
import { type Bundle, makeBundle, needsRoot, type TestSpec } from '../../support/bundle.ts';
import { embed } from '../../support/embed.ts';
import { whatIsLeft } from '../../support/run/leftovers.ts';
import { waitFor } from '../../support/wait-for.ts';

const KILLS = Number(process.env.DAVIT_TEST_KILLS ?? 10);

const STAGES = {
  create: createStages,
  start: startStages,
  delete: deleteStages,
};

/** Adds what only some configurations have, so that more stages run. */
function withHooks(spec: TestSpec): void {
  const hook = [{ path: '/bin/true' }];
  spec.hooks = {
    ...{ prestart: hook, createRuntime: hook, createContainer: hook },
    ...{ startContainer: hook, poststart: hook, poststop: hook },
  };
  spec.linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW' };
  spec.linux.namespaces.push({ type: 'cgroup' });
}

/** After a crash, every command works, and delete --force leaves nothing. */
async function expectRecovery(bundle: Bundle): Promise<void> {
  const { id } = bundle;
  const list = bundle.served('list', '--format', 'json');
  assert.equal(list.status, 0, list.stderr);
  const state = bundle.served('state', id);
  if (state.status !== 0) assert.match(state.stderr, /container does not exist/);
  const deleted = bundle.runtime('delete', '--force', id);
  assert.equal(deleted.status, 0, deleted.stderr);
  await waitFor(() => whatIsLeft(id).length === 0 && !existsSync(join(bundle.root, id)));
}

for (const [command, stages] of Object.entries(STAGES)) {
  test(`${command}: davit is killed before each stage`, { skip: needsRoot }, async (t) => {
    const bundle = makeBundle(t, { args: ['sleep', '1000'], spec: withHooks });
    // The interceptors must be there before create: init learns from create which stages to ask
    // about.
    const program = embed(
      `const [command, stage] = process.argv.slice(2);
       davit.bus.intercept(stage + ':before', () => process.kill(process.pid, 'SIGKILL'));
       const container = await davit.create({ id: '${bundle.id}', bundle: '${bundle.dir}' });
       if (command !== 'create') await container.start();
       if (command === 'delete') await container.delete({ force: true });`,
      bundle.root,
    );
    mkdirSync(bundle.root);
    for (const { name, ...stage } of stages as readonly Stage[]) {
      // While init waits for start, it asks about no stage.
      if ('takesTurn' in stage) continue;
      const killed = bundle.command(process.execPath, ...program, command, name);
      // davit cannot be killed at a stage that this container skips.
      if (!stage.applies || name.endsWith('Hooks')) assert.equal(killed.signal, 'SIGKILL', name);
      await t.test(name, () => expectRecovery(bundle));
    }
  });
}

/** Kills a command at a random moment. */
async function killDuring(bundle: Bundle, milliseconds: number, ...args: string[]): Promise<void> {
  const child = bundle.startRuntime({ stdio: ['ignore', 'ignore', 'ignore'] }, ...args);
  const ended = once(child, 'exit');
  await setTimeout(Math.random() * milliseconds);
  child.kill('SIGKILL');
  await ended;
}

async function killAtRandom(t: TestContext, ...args: string[]): Promise<void> {
  const bundle = makeBundle(t, { args: ['sleep', '1000'] });
  mkdirSync(bundle.root);
  for (let i = 0; i < KILLS; i++) {
    if (args[0] !== 'create' && args[0] !== 'run')
      bundle.served('create', '--bundle', bundle.dir, bundle.id);
    if (args[0] === 'delete') bundle.served('start', bundle.id);
    const names = args.map((arg) => (arg === 'ID' ? bundle.id : arg === 'DIR' ? bundle.dir : arg));
    await killDuring(bundle, 120, ...names);
    await expectRecovery(bundle);
  }
}

for (const args of [
  ['create', '--bundle', 'DIR', 'ID'],
  ['start', 'ID'],
  ['run', '--detach', '--bundle', 'DIR', 'ID'],
  ['delete', '--force', 'ID'],
]) {
  test(`${args[0]}: davit is killed at a random moment`, { skip: needsRoot }, (t) =>
    killAtRandom(t, ...args),
  );
}

test('list and delete --force work without the container’s config.json', {
  skip: needsRoot,
}, async (t) => {
  for (const text of ['', undefined]) {
    const bundle = makeBundle(t, { args: ['sleep', '1000'] });
    bundle.runDetached();
    const config = join(bundle.root, bundle.id, 'config.json');
    if (text === undefined) rmSync(config);
    else writeFileSync(config, text);
    assert.equal(bundle.state().status, 'running');
    assert.notEqual(bundle.runtime('delete', bundle.id).status, 0);
    await expectRecovery(bundle);
  }
});

test('list and delete accept half-written and foreign state', { skip: needsRoot }, async (t) => {
  const bundle = makeBundle(t, { args: ['sleep', '1000'] });
  bundle.runDetached();
  const odd: Record<string, Record<string, string>> = {
    empty: {},
    half: { 'state.json': '{"id":"half","oci' },
    nothing: { 'state.json': '' },
    list: { 'state.json': '[]' },
    text: { 'state.json': '"text"' },
    zero: { 'state.json': 'null' },
    runcs: { 'state.json': '{"id":"runcs","init_process_pid":1,"config":{"rootfs":"/"}}' },
    wrong: { 'state.json': '{"id":7,"initPid":"x","bundle":[],"cgroup":"x"}' },
    unwritten: { 'state.json.new': '{"id"' },
  };
  for (const [id, files] of Object.entries(odd)) {
    mkdirSync(join(bundle.root, id));
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(join(bundle.root, id, name), text);
    }
  }
  writeFileSync(join(bundle.root, 'a-file'), 'x');
  const list = bundle.runtime('list', '--quiet');
  assert.deepEqual([list.status, list.stdout], [0, `${bundle.id}\n`], list.stderr);
  const table = bundle.runtime('list');
  assert.equal(table.status, 0, table.stderr);
  for (const id of [...Object.keys(odd), 'a-file']) {
    const state = bundle.runtime('state', id);
    assert.equal(state.status, 1, id);
    assert.match(state.stderr, /container does not exist/, id);
  }
  for (const id of ['foreign', 'runcs'])
    mkdirSync(join(bundle.root, id, 'of-somebody-else'), { recursive: true });
  for (const id of Object.keys(odd)) {
    const deleted = bundle.runtime('delete', '--force', id);
    assert.equal(deleted.status, 0, `${id}: ${deleted.stderr}`);
  }
  bundle.runtime('delete', '--force', 'foreign');
  const left = ['a-file', 'foreign', 'runcs', bundle.id];
  assert.deepEqual(readdirSync(bundle.root).sort(), left.sort());
});
