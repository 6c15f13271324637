import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { makeBundle, needsRoot } from '../support/bundle.ts';
import { runCommand } from '../support/command.ts';
import { embed } from '../support/embed.ts';

const options = { skip: needsRoot };

test('run is a whole life, next to which the program goes on', options, (t) => {
  const bundle = makeBundle(t, { args: ['sh', '-c', 'sleep 0.3; echo out; exit 7'] });
  const program = embed(
    `let ticks = 0;
     const ticking = setInterval(() => ticks++, 20);
     const ids = ['a', 'b'].map((letter) => '${bundle.id}-' + letter);
     const statuses = await Promise.all(ids.map((id) => davit.run({ id, bundle: '${bundle.dir}' })));
     clearInterval(ticking);
     fs.writeSync(1, JSON.stringify([statuses, ticks > 5, await davit.list()]));`,
    bundle.root,
  );
  const { stdout, stderr } = runCommand(process.execPath, program);
  assert.deepEqual([stdout, stderr], ['out\nout\n[[7,7],true,[]]', '']);
  bundle.expectNothingLeft();
});

test('run tells of a signal, and rejects where the program cannot be executed', options, (t) => {
  const killed = makeBundle(t, {
    args: ['sh', '-c', 'kill -9 $$'],
    // Pid 1 cannot kill itself.
    spec: ({ linux }) => {
      linux.namespaces = linux.namespaces.filter(({ type }) => type !== 'pid');
    },
  });
  const absent = makeBundle(t, { args: ['/nowhere'] });
  const lent = makeBundle(t, { args: ['true'], spec: ({ process }) => (process.terminal = true) });
  const outcomes = [killed, absent, lent].map(({ id, dir, root }) =>
    runCommand(
      process.execPath,
      embed(
        `const outcome = await davit.run({ id: '${id}', bundle: '${dir}' }).catch(({ message }) => message);
         fs.writeSync(1, String(outcome));`,
        root,
      ),
    ),
  );
  assert.equal(outcomes[0]!.stdout, '137');
  assert.match(outcomes[1]!.stdout, /exec: "\/nowhere": .*no such file or directory/);
  assert.match(outcomes[2]!.stdout, /console socket/);
  for (const bundle of [killed, absent, lent]) bundle.expectNothingLeft();
});

test('wait takes no other process for init, whose pid it has got since', options, (t) => {
  const bundle = makeBundle(t);
  bundle.create();
  const file = `${bundle.root}/${bundle.id}/state.json`;
  const record = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...record, initPid: process.pid }));
  const program = embed(
    `fs.writeSync(1, String(await davit.container('${bundle.id}').wait()));`,
    bundle.root,
  );
  const { stdout } = runCommand(process.execPath, program);
  writeFileSync(file, JSON.stringify(record));
  assert.equal(stdout, 'undefined');
});

test(
  'the end of a program is heard at once, and not with the event loop’s next event',
  options,
  (t) => {
    const bundle = makeBundle(t, { args: ['sh', '-c', 'sleep 0.2; exit 4'] });
    const { id, dir, root } = bundle;
    const program = embed(
      `const order = [];
     const timer = setTimeout(() => order.push('timer'), 10_000);
     const container = await davit.create({ id: '${id}-created', bundle: '${dir}' });
     await container.start();
     order.push(await container.wait());
     await container.delete();
     order.push(await davit.run({ id: '${id}', bundle: '${dir}' }));
     clearTimeout(timer);
     fs.writeSync(1, JSON.stringify(order));`,
      root,
    );
    const { stdout, stderr } = runCommand(process.execPath, program, { timeout: 40_000 });
    assert.deepEqual([stdout, stderr], ['[4,4]', '']);
    bundle.expectNothingLeft();
  },
);

for (const [when, body, left] of [
  ['right after', 'await container.delete({ force: true });', false],
  ['before', '', true],
] as const) {
  test(`a program may end ${when} its container`, options, (t) => {
    const bundle = makeBundle(t, { args: ['sleep', '1000'] });
    const { id, dir, root } = bundle;
    const program = embed(
      `const container = await davit.create({ id: '${id}', bundle: '${dir}' });
       await container.start();
       ${body}`,
      root,
    );
    const { status, stderr } = runCommand(process.execPath, program);
    assert.deepEqual([status, stderr], [0, '']);
    if (left) assert.equal(bundle.state().status, 'running');
    else bundle.expectNothingLeft();
  });
}
