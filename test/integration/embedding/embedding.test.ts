import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeBundle, needsRoot } from '../../support/bundle.ts';
import { DAVIT, runCommand } from '../../support/command.ts';
import { embed } from '../../support/embed.ts';
import { patience } from '../../support/patience.ts';

const options = { skip: needsRoot };

test('run is a whole life, and the program does other work meanwhile', options, (t) => {
  const bundle = makeBundle(t, {
    args: ['sh', '-c', 'until [ -e /ticked ]; do sleep 0.02; done; echo out; exit 7'],
  });
  const program = embed(
    `let ticks = 0;
     // The containers end only if the program goes on.
     const tick = () => ++ticks === 6 && fs.writeFileSync('${bundle.rootfs}/ticked', '');
     let ticking;
     davit.on('container:running', () => (ticking ??= setInterval(tick, 20)));
     const ids = ['a', 'b'].map((letter) => '${bundle.id}-' + letter);
     const inherited = { stdout: 'inherit', stderr: 'inherit' };
     const ends = await Promise.all(ids.map((id) => davit.run({ id, bundle: '${bundle.dir}', ...inherited })));
     clearInterval(ticking);
     fs.writeSync(1, JSON.stringify([ends.map(({ exitCode }) => exitCode), ticks >= 6, await davit.list()]));`,
    bundle.root,
  );
  const { stdout, stderr } = runCommand(process.execPath, program);
  assert.deepEqual([stdout, stderr], ['out\nout\n[[7,7],true,[]]', '']);
  bundle.expectNothingLeft();
});

test('run reports a signal, and rejects if the program cannot be executed', options, (t) => {
  const killed = makeBundle(t, {
    args: ['sh', '-c', 'kill -9 $$'],
    // As pid 1 of a pid namespace the shell could not kill itself.
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
        `const outcome = await davit.run({ id: '${id}', bundle: '${dir}' }).catch((error) => error);
         fs.writeSync(1, String(outcome.message ?? outcome.exitCode));`,
        root,
      ),
    ),
  );
  assert.equal(outcomes[0]!.stdout, '137');
  assert.match(outcomes[1]!.stdout, /exec: "\/nowhere": .*no such file or directory/);
  assert.match(outcomes[2]!.stdout, /console socket/);
  for (const bundle of [killed, absent, lent]) bundle.expectNothingLeft();
});

test('wait does not take another process with init’s old pid for init', options, (t) => {
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

test('run and wait resolve at once when the program ends, without another event', options, (t) => {
  const bundle = makeBundle(t, { args: ['sh', '-c', 'sleep 0.2; exit 4'] });
  const { id, dir, root } = bundle;
  const program = embed(
    `const order = [];
     const timer = setTimeout(() => order.push('timer'), ${patience(10_000)});
     const container = await davit.create({ id: '${id}-created', bundle: '${dir}' });
     await container.start();
     order.push((await container.wait()).exitCode, (await container.wait()).exitCode);
     await container.delete();
     order.push((await davit.run({ id: '${id}', bundle: '${dir}' })).exitCode);
     clearTimeout(timer);
     fs.writeSync(1, JSON.stringify(order));`,
    root,
  );
  const { stdout, stderr } = runCommand(process.execPath, program, { timeout: 40_000 });
  assert.deepEqual([stdout, stderr], ['[4,4,4]', '']);
  bundle.expectNothingLeft();
});

test('a worker thread is refused, and an uncaught error is readable', options, (t) => {
  const bundle = makeBundle(t);
  const program = embed(
    `const { Worker } = await import('node:worker_threads');
     const inWorker = \`import('${join(DAVIT, '../index.js')}').then(({ Davit }) => new Davit({ inProcess: true }))\`;
     new Worker(inWorker, { eval: true }).on('error', ({ name, message }) => {
       fs.writeSync(1, name + ': ' + message);
       davit.container('absent');
     });`,
    bundle.root,
  );
  const { status, stdout, stderr } = runCommand(process.execPath, program);
  assert.equal(status, 1);
  assert.match(stdout, /^RuntimeError: davit cannot run in a worker thread/);
  assert.match(stderr, /^RuntimeError: container does not exist\n {4}at readRecord /m);
  assert.ok(
    stderr.split('\n').every((line) => line.length < 300),
    'no line of minified source',
  );
});

test('launches are refused while the program has worker threads', options, (t) => {
  const bundle = makeBundle(t);
  const program = embed(
    `const { Worker } = await import('node:worker_threads');
     const { once } = await import('node:events');
     const worker = new Worker('setInterval(() => {}, 1000)', { eval: true });
     await once(worker, 'online');
     const say = ({ message }) => fs.writeSync(1, message.split(':')[0] + '\\n');
     try { new Davit({ inProcess: true }); } catch (error) { say(error); }
     const launch = { id: '${bundle.id}', bundle: '${bundle.dir}' };
     await davit.create(launch).catch(say);
     await davit.run(launch).catch(say);
     await worker.terminate();
     fs.writeSync(1, String((await davit.run(launch)).exitCode));`,
    bundle.root,
  );
  const { stdout, stderr } = runCommand(process.execPath, program);
  const refusal = 'davit cannot clone this process while it has worker threads\n';
  assert.deepEqual([stdout, stderr], [`${refusal.repeat(3)}0`, '']);
});

test('concurrent runs are launched in turn, and other work goes on', options, (t) => {
  const bundle = makeBundle(t, { args: ['true'] });
  const program = embed(
    `let launching = 0;
     let most = 0;
     let ticks = 0;
     // Concurrency is not checked if a launch took long: after a second davit stops waiting for it.
     const begun = new Map();
     let long = false;
     davit.bus.on('forkInit:before', ({ id }) => {
       begun.set(id, performance.now());
       most = Math.max(most, ++launching);
     });
     davit.bus.on('exec:after', ({ id }) => {
       launching--;
       long ||= performance.now() - begun.get(id) > 500;
     });
     const ticking = setInterval(() => ticks++, 1);
     const ids = Array.from({ length: 12 }, (_, i) => '${bundle.id}-' + i);
     const ends = await Promise.all(ids.map((id) => davit.run({ id, bundle: '${bundle.dir}' })));
     clearInterval(ticking);
     fs.writeSync(1, JSON.stringify([ends.map(({ exitCode }) => exitCode).join(''), long ? 1 : most, ticks >= 12 || ticks]));`,
    bundle.root,
  );
  const { stdout, stderr } = runCommand(process.execPath, program);
  assert.deepEqual([stdout, stderr], ['["000000000000",1,true]', '']);
  bundle.expectNothingLeft();
});

test('a launch may wait for another container’s whole life', options, (t) => {
  const bundle = makeBundle(t, { args: ['true'] });
  const program = embed(
    `const outer = new Davit({ root: davit.root });
     outer.bus.intercept('pivotRoot:before', async () => {
       fs.writeSync(1, 'inner ' + (await davit.run({ id: '${bundle.id}-inner', bundle: '${bundle.dir}' })).exitCode);
     });
     fs.writeSync(1, ' outer ' + (await outer.run({ id: '${bundle.id}', bundle: '${bundle.dir}' })).exitCode);`,
    bundle.root,
  );
  const { stdout, stderr } = runCommand(process.execPath, program);
  assert.deepEqual([stdout, stderr], ['inner 0 outer 0', '']);
  bundle.expectNothingLeft();
});

test('the program does other work while a forked init runs its stages', options, (t) => {
  const bundle = makeBundle(t);
  // The hook ends only if the program goes on.
  const ticked = join(bundle.dir, 'ticked');
  const script = `until [ -e ${ticked} ]; do sleep 0.02; done`;
  bundle.configure((spec) => {
    spec.process.args = ['true'];
    // An init in a new time namespace cannot share the program's memory.
    spec.linux.namespaces.push({ type: 'time' });
    spec.hooks = { createContainer: [{ path: '/bin/sh', args: ['sh', '-c', script] }] };
  });
  const program = embed(
    `let ticks = 0;
     const tick = () => ++ticks === 6 && fs.writeFileSync('${ticked}', '');
     let ticking;
     davit.bus.on('createContainerHooks:before', () => (ticking = setInterval(tick, 10)));
     davit.bus.on('createContainerHooks:after', () => fs.writeSync(1, String(ticks >= 6)));
     await davit.run({ id: '${bundle.id}', bundle: '${bundle.dir}' });
     clearInterval(ticking);`,
    bundle.root,
  );
  const { stdout, stderr } = runCommand(process.execPath, program);
  assert.deepEqual([stdout, stderr], ['true', '']);
  bundle.expectNothingLeft();
});

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

test('an unknown or invalid option of the embedding API is refused by name', options, (t) => {
  const bundle = makeBundle(t, { args: ['sleep', '1000'] });
  const launch = `{ id: '${bundle.id}', bundle: '${bundle.dir}' }`;
  const calls: [call: string, refusal: string][] = [
    [
      `new Davit({ rot: '/r' })`,
      'new Davit: rot: no such option: did you mean root? expected one of root, systemdCgroup, …',
    ],
    [`new Davit({ root: 5 })`, 'new Davit: root: 5: expected a string'],
    [`new Davit('/r')`, 'new Davit: "/r": expected an object'],
    [
      `new Davit({ plugins: [{ plugin: {}, timout: 5 }] })`,
      'new Davit: plugins[0]: timout: no such option: did you mean timeout? expected one of plugin, options, timeout',
    ],
    [
      `davit.run({ ...launch, consoleSocket: '/s' })`,
      'davit.run: consoleSocket: no such option: expected one of id, bundle, …',
    ],
    [
      `davit.run({ ...launch, bundle: undefined })`,
      'davit.run: bundle: undefined: expected a string',
    ],
    [
      `davit.create({ ...launch, stdio: [] })`,
      'davit.create: stdio: no such option: did you mean stdin? …',
    ],
    [`davit.create()`, 'davit.create: undefined: expected an object'],
    [`davit.container({ id: 'a' })`, 'davit.container: id: {"id":"a"}: expected a string'],
    [`davit.list({ root: '/r' })`, 'davit.list: {"root":"/r"}: this method takes no options'],
    [
      `container.start({ timeout: 5 })`,
      'container.start: {"timeout":5}: this method takes no options',
    ],
    [
      `container.wait({ timeout: 5 })`,
      'container.wait: {"timeout":5}: this method takes no options',
    ],
    [`container.pause(1)`, 'container.pause: 1: this method takes no options'],
    [`container.resume(1)`, 'container.resume: 1: this method takes no options'],
    [`container.state(1)`, 'container.state: 1: this method takes no options'],
    [`container.stats(1)`, 'container.stats: 1: this method takes no options'],
    [
      `container.kill('SIGTERM')`,
      'container.kill: signal: "SIGTERM": expected a number from 0 to 64, …',
    ],
    [
      `container.delete({ forse: true })`,
      'container.delete: forse: no such option: did you mean force? expected one of force',
    ],
    [
      `container.checkpoint({ imagePath: '/r', leaveRuning: true })`,
      'container.checkpoint: leaveRuning: no such option: did you mean leaveRunning? …',
    ],
    [
      `davit.restore({ ...launch, imagePath: 5 })`,
      'davit.restore: imagePath: 5: expected a string',
    ],
    [`container.delete({ force: 1 })`, 'container.delete: force: 1: expected true or false'],
  ];
  const program = embed(
    `const launch = ${launch};
     if ((await davit.list()).length > 0) throw new Error('a container in no directory');
     const container = await davit.create(launch);
     const refusals = [];
     for (const call of [${calls.map(([call]) => `() => ${call}`).join()}]) {
       try { await call(); refusals.push('accepted'); } catch (error) { refusals.push(error.message); }
     }
     await container.delete({ force: true });
     fs.writeSync(1, JSON.stringify(refusals));`,
    bundle.root,
  );
  const { stdout, stderr } = runCommand(process.execPath, program);
  assert.equal(stderr, '');
  const refusals: string[] = JSON.parse(stdout);
  for (const [i, [call, expected]] of calls.entries()) {
    const [begin] = expected.split('…');
    assert.equal(refusals[i]!.slice(0, begin!.length), begin, call);
  }
  bundle.expectNothingLeft();
});
