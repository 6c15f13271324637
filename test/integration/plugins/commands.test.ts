import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { needsRoot } from '../../support/bundle.ts';
import { bundleWithPlugins } from '../../support/bundle-with-plugins.ts';
import { DAVIT } from '../../support/command.ts';

const options = { skip: needsRoot };

test('create and start may have different plugins', options, async (t) => {
  const asking = `before: { exec(ctx) { ctx.log(ctx.command + ' ' + ctx.stage); } }`;
  await t.test('create with a plugin, start without it', (t) => {
    const { bundle, command } = bundleWithPlugins(t, { plugins: { asker: asking } });
    assert.equal(command('create', '--bundle', bundle.dir, bundle.id).status, 0);
    const started = bundle.start();
    assert.deepEqual([started.status, started.stderr], [0, '']);
  });
  await t.test('create without a plugin, start with it', (t) => {
    const { bundle, command } = bundleWithPlugins(t, { plugins: { asker: asking } });
    assert.equal(bundle.create().status, 0);
    assert.match(command('start', bundle.id).stderr, /plugin asker: start exec/);
  });
  await t.test('create and start with a plugin: it is called once', (t) => {
    const { bundle, command } = bundleWithPlugins(t, { plugins: { asker: asking } });
    assert.equal(command('create', '--bundle', bundle.dir, bundle.id).status, 0);
    assert.equal(command('start', bundle.id).stderr.match(/plugin asker: start exec/g)?.length, 1);
  });
});

test('a plugin takes part in exec', options, (t) => {
  const { bundle, command } = bundleWithPlugins(t, {
    args: ['sleep', '1000'],
    plugins: {
      tagger: `inContainer: { before: { dropCapabilities(ctx) { ctx.env.set('BY', ctx.command); } } }`,
    },
  });
  bundle.runDetached();
  const { stdout, stderr } = command('exec', bundle.id, 'sh', '-c', 'echo $BY');
  assert.deepEqual([stdout, stderr], ['exec\n', '']);
});

test('a plugin may refuse kill, pause, resume and update', options, (t) => {
  const refusing = (...stages: string[]) =>
    `before: { ${stages.map((stage) => `${stage}() { throw new Error('no'); }`).join(', ')} }`;
  const { bundle, command } = bundleWithPlugins(t, {
    args: ['sleep', '1000'],
    plugins: { guard: refusing('sendSignal', 'freezeCgroup', 'thawCgroup', 'limitResources') },
  });
  const { id } = bundle;
  const refused = (stage: string, ...args: string[]) => {
    const { status, stderr } = command(...args, id);
    assert.equal(status, 1, stderr);
    assert.ok(stderr.includes(`plugin guard: before ${stage}: no`), stderr);
  };
  assert.equal(bundle.create().status, 0);
  refused('sendSignal', 'kill');
  refused('freezeCgroup', 'pause');
  refused('limitResources', 'update', '--pids-limit', '100');
  assert.equal(bundle.runtime('pause', id).status, 0);
  refused('thawCgroup', 'resume');
  assert.equal(bundle.runtime('resume', id).status, 0);
  assert.match(bundle.runtime('state', id).stdout, /"created"/);
});

test('a command reads state.json after the plugins that run before readState', options, (t) => {
  const { bundle, command } = bundleWithPlugins(t, {
    args: ['sleep', '1000'],
    imports: `import { execFileSync } from 'node:child_process';`,
    plugins: {
      remover: `before: { readState(ctx) {
        const root = import.meta.dirname + '/root';
        execFileSync('${DAVIT}', ['--root', root, 'delete', '--force', ctx.id], { env: {} });
      } }`,
    },
  });
  bundle.runDetached();
  const { status, stderr } = command('pause', bundle.id);
  assert.equal(status, 1, stderr);
  assert.ok(stderr.includes('container does not exist'), stderr);
  bundle.expectNothingLeft();
});

test('a plugin that cannot be loaded does not keep a container from being ended', options, (t) => {
  const { bundle, config, command } = bundleWithPlugins(t, {
    args: ['sleep', '1000'],
    plugins: {},
  });
  bundle.runDetached();
  writeFileSync(config, JSON.stringify({ plugins: ['/absent.ts'] }));
  const { id } = bundle;
  const missing = 'plugin /absent.ts: no such file: /absent.ts';
  const paused = command('pause', id);
  assert.equal(paused.status, 1);
  assert.ok(paused.stderr.includes(`davit: pause ${id}: ${missing}`), paused.stderr);
  const named = bundle.runtime('--plugin', '/absent.ts', 'kill', id, 'KILL');
  assert.equal(named.status, 1, named.stderr);
  for (const args of [
    ['kill', id, 'KILL'],
    ['delete', '--force', id],
  ]) {
    const { status, stderr } = command(...args);
    assert.equal(status, 0, stderr);
    assert.ok(stderr.includes(`no plugins take part: ${missing}`), stderr);
  }
  bundle.expectNothingLeft();
});

test('notes of a plugin about a container are kept for later commands', options, (t) => {
  const { bundle, command } = bundleWithPlugins(t, {
    args: ['sleep', '1000'],
    plugins: {
      scribe: `
        adjust(spec, { notes }) { notes.by = ['adjust']; },
        before: { exec({ notes, command }) { notes.by.push(command); } },
        on: {
          'container:created': (e, { notes }) => notes.by.push('created'),
          'container:running': (e, { notes }) => notes.by.push('running'),
          'command:after': (e, { notes, command, log }) => log(command + ' ' + notes.by),
        }`,
      other: `on: { 'command:after': (e, { notes, log }) => log(JSON.stringify(notes)) }`,
    },
  });
  const told = (...args: string[]) => {
    const lines = [...command(...args).stderr.matchAll(/plugin (\w+: [^"]*)/g)];
    return lines.map(([, line]) => line!.trim());
  };
  assert.deepEqual(told('create', '--bundle', bundle.dir, bundle.id), [
    'scribe: create adjust,created',
    'other: {}',
  ]);
  const started = ['scribe: start adjust,created,start,running', 'other: {}'];
  assert.deepEqual(told('start', bundle.id), started);
  assert.equal(told('exec', bundle.id, 'true')[0], `${started[0]!.replace('start', 'exec')},exec`);
  assert.deepEqual(told('delete', '--force', bundle.id)[0], started[0]!.replace('start', 'delete'));
});

test('exclusively runs a function in one davit at a time', options, async (t) => {
  const { bundle, config } = bundleWithPlugins(t, {
    plugins: {
      counter: `on: {
        async 'command:error'(event, { exclusively }) {
          const { readFileSync, writeFileSync } = await import('node:fs');
          const file = process.env.COUNT_FILE;
          await exclusively(file + '.lock', async () => {
            const count = Number(readFileSync(file, 'utf8'));
            await new Promise((done) => setTimeout(done, 5));
            writeFileSync(file, String(count + 1));
          });
        },
      }`,
    },
  });
  const file = join(bundle.dir, 'count');
  writeFileSync(file, '0');
  const env = { DAVIT_CONFIG: config, COUNT_FILE: file };
  const commands = Array.from({ length: 8 }, () =>
    bundle.startRuntime({ env }, 'start', bundle.id),
  );
  const said = await Promise.all(
    commands.map(async (child) => {
      const stderr = text(child.stderr!);
      await once(child, 'close');
      return stderr;
    }),
  );
  // On a busy machine one may not get its turn in time.
  const late = said.filter((stderr) => stderr.includes('another process holds the lock'));
  assert.ok(late.length < commands.length);
  assert.equal(readFileSync(file, 'utf8'), String(commands.length - late.length));
});

test('a plugin that uses the thread pool does not disturb the fork', options, (t) => {
  const { run } = bundleWithPlugins(t, {
    plugins: {
      reader: `before: { async createCgroup() {
        const { readFile } = await import('node:fs/promises');
        await Promise.all(Array.from({ length: 16 }, () => readFile('/proc/self/maps')));
      } }`,
    },
  });
  for (let i = 0; i < 10; i++) {
    const { status, stderr } = run();
    assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
  }
});
