import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { nodeFlags } from '../../build/node-options.ts';
import { type Bundle, type BundleOptions, makeBundle, needsRoot } from '../support/bundle.ts';
import { type Result, runCommand } from '../support/command.ts';

const options = { skip: needsRoot };

/** A bundle, with plugins beside it that are loaded by its own configuration file. */
function plugged(
  t: TestContext,
  { plugins, timeout = 5000, ...rest }: BundleOptions & PluginsOfTest,
): Plugged {
  const bundle = makeBundle(t, rest);
  const entries = Object.entries(plugins).map(([name, parts]) => {
    const file = join(bundle.dir, `${name}.ts`);
    const text = `import { definePlugin } from 'davit/plugin';
export default definePlugin({ name: '${name}', ${parts} });\n`;
    writeFileSync(file, text);
    return { plugin: `./${name}.ts`, timeout, options: { of: name } };
  });
  const config = join(bundle.dir, 'davit.json');
  writeFileSync(config, JSON.stringify({ plugins: entries }));
  const env = { DAVIT_CONFIG: config };
  const command = (...args: string[]) => bundle.runtimeWith({ env }, ...args);
  return { bundle, config, command, run: () => command('run', '--bundle', bundle.dir, bundle.id) };
}

interface PluginsOfTest {
  /** What definePlugin is called with, but the name, by name. */
  plugins: Record<string, string>;
  timeout?: number;
}

interface Plugged {
  bundle: Bundle;
  config: string;
  command(...args: string[]): Result;
  run(): Result;
}

function fails({ bundle, run }: Plugged, expected: RegExp): void {
  const { status, stderr } = run();
  assert.match(stderr, expected);
  assert.equal(status, 1);
  bundle.expectNothingLeft();
}

for (const stage of [
  'validateConfig',
  'createCgroup',
  'pivotRoot',
  'saveState',
  'startWait',
  'exec',
]) {
  for (const [moment, parts] of [
    ['before', `before: { async ${stage}() { throw new Error('not today'); } }`],
    ['after', `after: { async ${stage}() { throw new Error('not today'); } }`],
  ] as const) {
    if (stage === 'exec' && moment === 'after') continue;
    test(`a veto ${moment} ${stage} leaves nothing behind`, options, (t) => {
      fails(
        plugged(t, { plugins: { guard: parts } }),
        new RegExp(`: ${stage}: plugin guard: ${moment} ${stage}: not today$`, 'm'),
      );
    });
  }
}

test('inContainer works in the container, on either side of pivotRoot', options, (t) => {
  const { bundle, run } = plugged(t, {
    args: [
      'sh',
      '-c',
      'cat /host/here; cat /etc/greeting; echo $WHERE; ls -ld /made/dir /made/link',
    ],
    plugins: {
      steward: `inContainer: {
        before: { pivotRoot(ctx) {
          const source = ctx.spec.annotations['test.source'];
          ctx.mount({ destination: '/host', type: 'bind', source, options: ['bind', 'ro'] });
          ctx.mkdir('/made/dir', 0o700);
          ctx.symlink('dir', '/made/link');
        } },
        after: {
          pivotRoot(ctx) { ctx.write('/etc/greeting', 'welcome, ' + ctx.id + '\\n'); },
          dropCapabilities(ctx) { ctx.env.set('WHERE', ctx.stage + ' ' + ctx.options.of); },
        },
      }`,
    },
  });
  const source = join(bundle.dir, 'given');
  mkdirSync(source);
  writeFileSync(join(source, 'here'), 'from the host\n');
  bundle.configure((spec) => {
    spec.process.args = ['sh', '-c', 'cat /host/here /etc/greeting; echo $WHERE; ls -d /made/*'];
    spec.annotations = { 'test.source': source };
    spec.root.readonly = false;
  });
  const { stdout, stderr } = run();
  assert.equal(stderr, '');
  assert.deepEqual(stdout.trim().split('\n'), [
    'from the host',
    `welcome, ${bundle.id}`,
    'dropCapabilities steward',
    '/made/dir',
    '/made/link',
  ]);
  bundle.expectNothingLeft();
});

test('what inContainer throws fails the stage, in the name of the plugin', options, (t) => {
  fails(
    plugged(t, {
      plugins: {
        clumsy: `inContainer: { before: { mounts(ctx) {
          ctx.mount({ destination: '/x', type: 'bind', source: '/absent', options: ['bind'] });
        } } }`,
      },
    }),
    /: mounts: plugin clumsy: inContainer.before mounts: mount \/absent on \/x .*ENOENT/,
  );
});

test('paths of inContainer stay in the rootfs', options, (t) => {
  const { bundle, run } = plugged(t, {
    args: ['cat', '/tmp/victim'],
    plugins: {
      writer: `inContainer: { after: { prepareRootfs(ctx) {
        ctx.symlink('/../../../tmp/victim', '/mnt/link');
        ctx.write('/mnt/../mnt/link', 'inside');
      } } }`,
    },
  });
  bundle.configure((spec) => {
    spec.process.args = ['cat', '/tmp/victim'];
  });
  const { stdout, stderr } = run();
  assert.equal(stderr, '');
  assert.equal(stdout, 'inside');
});

test('adjustments are in the container, and in what is kept of it', options, (t) => {
  const { bundle, command } = plugged(t, {
    args: ['sh', '-c', 'env; ulimit -n; cat /given/file; hostname; sleep 1000'],
    plugins: {
      one: `adjust: (spec) => ({
        args: ['sh', '-c', 'env; ulimit -n; cat /given/file; echo done; sleep 1000'],
        env: { ADDED: spec.hostname, TERM: null },
        rlimits: { RLIMIT_NOFILE: { soft: 77, hard: 78 } },
        resources: { pids: { limit: 33 } },
      })`,
      two: `adjust: async (spec, { bundle }) => ({
        mounts: { '/given': { type: 'bind', source: bundle, options: ['rbind', 'ro'] } },
        annotations: { by: 'two' },
        devices: { '/dev/zzz': { type: 'c', major: 1, minor: 5 } },
        resources: { memory: { limit: 50 << 20 } },
      })`,
    },
  });
  writeFileSync(join(bundle.dir, 'file'), 'given\n');
  const out = join(bundle.dir, 'out');
  writeFileSync(out, '');
  const created = command('create', '--bundle', bundle.dir, bundle.id);
  assert.equal(created.stderr, '');
  const { annotations } = bundle.state() as unknown as { annotations: object };
  assert.deepEqual(annotations, { by: 'two' });
  const kept = JSON.parse(readFileSync(join(bundle.root, bundle.id, 'config.json'), 'utf8'));
  assert.deepEqual(kept.linux.resources.pids, { limit: 33 });
  assert.deepEqual(kept.linux.resources.memory, { limit: 50 << 20 });
  assert.ok(!kept.process.env.some((variable: string) => variable.startsWith('TERM=')));
  assert.equal(command('start', bundle.id).stderr, '');
  const seen = bundle.exec('sh', '-c', 'cat /proc/1/limits /given/file; head -c1 /dev/zzz | wc -c');
  assert.match(seen.stdout, /Max open files +77 +78/);
  assert.match(seen.stdout, /\ngiven\n1\n$/);
  assert.match(bundle.exec('cat', '/proc/1/environ').stdout, /ADDED=davit/);
});

const refusals: [name: string, plugins: Record<string, string>, expected: RegExp][] = [
  [
    'two plugins that claim one field',
    {
      first: `adjust: () => ({ env: { A: '1', B: '1' } })`,
      second: `adjust: () => ({ env: { B: '2' } })`,
    },
    /adjustConfig: plugin second: adjust: env\.B is claimed by plugin first as well$/m,
  ],
  [
    'an adjustment that makes no configuration',
    { wrong: `adjust: () => ({ mounts: { relative: { type: 'tmpfs' } }, args: [] })` },
    /adjustConfig: plugin wrong: adjust: adjusted config.json: process.args/,
  ],
  [
    'a result that is none',
    { silly: `adjust: () => 'yes'` },
    /adjustConfig: plugin silly: adjust returned "yes": expected an object of adjustments$/m,
  ],
  [
    'a field that is not adjustable',
    { silly: `adjust: () => ({ rootfs: '/' })` },
    /adjustConfig: plugin silly: adjust returned rootfs: expected one of args, env, /,
  ],
  [
    'a field outside of its claims',
    { greedy: `claims: ['env'], adjust: () => ({ args: ['true'] })` },
    /adjustConfig: plugin greedy: adjust returned args, which is not among its claims: env$/m,
  ],
  [
    'a configuration that is changed in place',
    { mutator: `adjust(spec) { spec.process.args.push('x'); }` },
    /adjustConfig: plugin mutator: adjust: Cannot add property/,
  ],
  [
    'a configuration that a plugin refuses',
    {
      first: `adjust: () => ({ annotations: { a: 'b' } })`,
      policy: `validate(spec) { if (spec.annotations.a) throw new Error('no annotations'); }`,
    },
    /adjustConfig: plugin policy: validate: no annotations$/m,
  ],
  [
    'a stage that there is not',
    { typo: `before: { pivotroot() {} }` },
    /plugin typo: before\.pivotroot: expected pivotRoot, perhaps$/m,
  ],
  [
    'an async function in init',
    { waiter: `inContainer: { before: { mounts: async () => {} } }` },
    /plugin waiter: inContainer\.before\.mounts: expected a synchronous function/,
  ],
  [
    'a promise in init',
    { waiter: `inContainer: { before: { mounts: () => Promise.resolve() } }` },
    /mounts: plugin waiter: inContainer.before mounts: returned a promise/,
  ],
  [
    'options that the plugin refuses',
    { picky: `options(given) { throw new Error('of must not be ' + given.of); }` },
    /plugin picky: options: of must not be picky$/m,
  ],
];

for (const [name, plugins, expected] of refusals) {
  test(`refused: ${name}`, options, (t) => fails(plugged(t, { plugins }), expected));
}

for (const [where, parts] of [
  ['before createCgroup', `before: { createCgroup: () => new Promise(() => {}) }`],
  ['before pivotRoot', `before: { pivotRoot: () => new Promise(() => {}) }`],
  ['adjust', `adjust: () => new Promise(() => {})`],
  ['inContainer.before pivotRoot', `inContainer: { before: { pivotRoot() { for (;;); } } }`],
] as const) {
  test(`a plugin that hangs is named: ${where}`, options, (t) => {
    fails(
      plugged(t, { plugins: { sleepy: parts }, timeout: 200 }),
      new RegExp(`plugin sleepy: ${where}: no answer within 200 ms$`, 'm'),
    );
  });
}

const FOR_EVER = 'for (;;);';
for (const [where, parts] of [
  ['options', `options() { ${FOR_EVER} }`],
  ['adjust', `adjust() { ${FOR_EVER} }`],
  ['before mounts', `before: { async mounts() { await null; ${FOR_EVER} } }`],
  ['before exec', `before: { exec() { ${FOR_EVER} } }`],
  ['mounts:after', `on: { 'mounts:after': () => { ${FOR_EVER} } }`],
] as const) {
  test(`a plugin that never returns is ended, and named: ${where}`, options, (t) => {
    fails(
      plugged(t, { plugins: { spinner: parts }, timeout: 100 }),
      new RegExp(`^davit: run \\S+ plugin spinner: ${where}: no answer within 100 ms$`, 'm'),
    );
  });
}

test(
  'a plugin that never returns ends each command, and the container is deleted',
  options,
  (t) => {
    const spin = `(event, ctx) => { if (ctx.command === process.env.SPIN_IN) ${FOR_EVER} }`;
    const { bundle, config } = plugged(t, {
      args: ['sleep', '1000'],
      plugins: { spinner: `on: { 'stage:before': ${spin} }` },
      timeout: 100,
    });
    const spinning = (command: string, ...args: string[]) => {
      const env = { DAVIT_CONFIG: config, SPIN_IN: command };
      const { status, stderr } = bundle.runtimeWith({ env }, command, ...args);
      assert.equal(status, command === 'exec' ? 255 : 1);
      assert.match(stderr, /plugin spinner: stage:before: no answer within 100 ms\n$/);
    };
    spinning('create', '--bundle', bundle.dir, bundle.id);
    bundle.expectNothingLeft();
    assert.equal(bundle.create().status, 0);
    spinning('start', bundle.id);
    assert.equal(bundle.runtime('start', bundle.id).status, 0, 'it was still waiting');
    spinning('exec', bundle.id, 'true');
    spinning('delete', '--force', bundle.id);
    assert.equal(bundle.runtime('delete', '--force', bundle.id).status, 0);
  },
);

for (const [what, parts] of [
  ['exit', `before: { mounts() { process.exit(0); } }`],
  ['reallyExit', `before: { mounts() { process.reallyExit(0); } }`],
  ['abort', `before: { mounts() { process.abort(); } }`],
] as const) {
  test(`process.${what}() is not a plugin's to call`, options, (t) => {
    fails(
      plugged(t, { plugins: { quitter: parts } }),
      new RegExp(`: mounts: plugin quitter: before mounts: process.${what}\\(\\) is not a`),
    );
  });
}

test('what a plugin has begun and left alone is a warning when it fails', options, (t) => {
  const { bundle, run } = plugged(t, {
    plugins: {
      litterer: `before: {
        createCgroup() {
          setTimeout(() => { throw new Error('of a timer'); }, 1);
          setTimeout(() => process.exit(), 1);
          (async () => { await null; throw new Error('of a promise'); })();
        },
        mounts: () => new Promise((done) => setTimeout(done, 50)),
      }`,
    },
  });
  const { status, stderr } = run();
  assert.equal(status, 0);
  const later = [...stderr.matchAll(/plugin litterer: before createCgroup, later: ([^"]*)/g)];
  assert.deepEqual(later.map(([, text]) => text).sort(), [
    'of a promise',
    'of a timer',
    "process.exit() is not a plugin's to call",
  ]);
  bundle.expectNothingLeft();
});

test('a change to the configuration that a plugin is given is explained', options, (t) => {
  fails(
    plugged(t, { plugins: { vandal: `validate(spec) { spec.process.args[0] = 'false'; }` } }),
    /plugin vandal: validate: .*read only.*\nthe configuration that plugins are given is frozen/,
  );
});

test('a listener can neither break nor delay the container', options, (t) => {
  const { bundle, run } = plugged(t, {
    args: ['sh', '-c', 'echo ran; exit 3'],
    plugins: {
      loud: `on: {
        'container:created': () => { throw new Error('boom'); },
        'pivotRoot:before': async () => { throw new Error('later'); },
        'stage:after': () => new Promise(() => {}),
      }`,
    },
  });
  const { status, stdout, stderr } = run();
  assert.deepEqual({ status, stdout }, { status: 3, stdout: 'ran\n' });
  assert.match(stderr, /plugin loud: container:created: boom/);
  assert.match(stderr, /plugin loud: pivotRoot:before: later/);
  assert.match(stderr, /plugin loud: stage:after: not done within 1000 ms/);
  bundle.expectNothingLeft();
});

test('listeners are told in order, with their options', options, (t) => {
  const statuses = ['creating', 'created', 'running', 'stopped', 'deleted'];
  const listeners = statuses.map(
    (status) => `'container:${status}': (e, ctx) => ctx.log('${status} ' + (e.exitStatus ?? ''))`,
  );
  const { run } = plugged(t, {
    args: ['sh', '-c', 'exit 5'],
    plugins: { diary: `on: { ${listeners.join(',\n')} }` },
  });
  const told = [...run().stderr.matchAll(/plugin diary: (\w+) (\d*)/g)].map(([, a, b]) => a! + b);
  assert.deepEqual(told, ['creating', 'created', 'running', 'stopped5', 'deleted']);
});

test('create and start need not have the same plugins', options, async (t) => {
  const asking = `before: { exec(ctx) { ctx.log(ctx.command + ' ' + ctx.stage); } }`;
  await t.test('a start without a plugin that create had', (t) => {
    const { bundle, command } = plugged(t, { plugins: { asker: asking } });
    assert.equal(command('create', '--bundle', bundle.dir, bundle.id).status, 0);
    const started = bundle.start();
    assert.deepEqual([started.status, started.stderr], [0, '']);
  });
  await t.test('a start with a plugin that create had not', (t) => {
    const { bundle, command } = plugged(t, { plugins: { asker: asking } });
    assert.equal(bundle.create().status, 0);
    assert.match(command('start', bundle.id).stderr, /plugin asker: start exec/);
  });
  await t.test('both, where it is asked once', (t) => {
    const { bundle, command } = plugged(t, { plugins: { asker: asking } });
    assert.equal(command('create', '--bundle', bundle.dir, bundle.id).status, 0);
    assert.equal(command('start', bundle.id).stderr.match(/plugin asker: start exec/g)?.length, 1);
  });
});

test('a plugin takes part in exec', options, (t) => {
  const { bundle, command } = plugged(t, {
    args: ['sleep', '1000'],
    plugins: {
      tagger: `inContainer: { before: { dropCapabilities(ctx) { ctx.env.set('BY', ctx.command); } } }`,
    },
  });
  bundle.runDetached();
  const { stdout, stderr } = command('exec', bundle.id, 'sh', '-c', 'echo $BY');
  assert.deepEqual([stdout, stderr], ['exec\n', '']);
});

test('what a plugin notes of a container is there in later commands', options, (t) => {
  const { bundle, command } = plugged(t, {
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

test('listeners are told how the command went, and how long it took', options, (t) => {
  const { bundle, command } = plugged(t, {
    args: ['sh', '-c', 'sleep 0.3; exit 3'],
    plugins: {
      clerk: `
        before: { mounts({ spec }) { if (spec.hostname === 'no') throw new Error('no'); } },
        on: {
          'command:after': (e, { log, elapsed }) => log(JSON.stringify({ ...e, elapsed: elapsed() })),
          'command:error': (e, { log }) => log(JSON.stringify(e)),
        }`,
    },
  });
  const event = (...args: string[]) => {
    const { stderr } = command('--log-format', 'json', ...args, bundle.id);
    const line = stderr.split('\n').find((line) => line.includes('plugin clerk'))!;
    return JSON.parse(JSON.parse(line).msg.slice('plugin clerk: '.length));
  };
  const run = ['run', '--bundle', bundle.dir];
  const { id, command: name, exitStatus, duration, elapsed } = event(...run);
  assert.deepEqual([id, name, exitStatus], [bundle.id, 'run', 3]);
  assert.ok(duration > 0 && duration < elapsed - 290, `${duration} of ${elapsed}`);
  bundle.configure((spec) => {
    spec.hostname = 'no';
  });
  const failed = event(...run);
  assert.deepEqual([failed.command, failed.stage], ['run', 'mounts']);
  assert.equal(failed.error.message, 'mounts: plugin clerk: before mounts: no');
  const absent = event('start');
  assert.deepEqual([absent.stage, absent.error.message], [undefined, 'container does not exist']);
});

test('exclusively: one davit at a time', options, async (t) => {
  const { bundle, config } = plugged(t, {
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
  await Promise.all(commands.map((child) => once(child, 'exit')));
  assert.equal(readFileSync(file, 'utf8'), '8');
});

test('what plugins cost is in the trace, below the stage', options, (t) => {
  const { bundle, run } = plugged(t, {
    plugins: {
      slow: `before: { async createCgroup() { await new Promise((done) => setTimeout(done, 30)); } },
        inContainer: { after: { mounts() {} } },
        on: { 'command:after': () => new Promise((done) => setTimeout(done, 30)) }`,
    },
  });
  assert.equal(run().stderr, '');
  const spans = spansIn(bundle.traces);
  const end = spans.find(({ name }) => name === 'endPlugins')!;
  assert.ok(BigInt(end.endTimeUnixNano) - BigInt(end.startTimeUnixNano) >= 29_000_000n);
  for (const [parent, call, least] of [
    ['createCgroup', 'before', 30],
    ['mounts', 'inContainer.after', 0],
  ] as const) {
    const stage = spans.find(({ name }) => name === parent)!;
    const cost = spans.find(({ parentSpanId }) => parentSpanId === stage.spanId)!;
    assert.equal(cost.name, 'plugin slow');
    const value = cost.attributes.find(({ key }) => key === 'davit.plugin.call')?.value;
    assert.deepEqual(value, { stringValue: call });
    const [begin, end] = [BigInt(cost.startTimeUnixNano), BigInt(cost.endTimeUnixNano)];
    assert.ok(end - begin >= BigInt(least) * 1_000_000n);
    assert.ok(begin >= BigInt(stage.startTimeUnixNano) && end <= BigInt(stage.endTimeUnixNano));
  }
});

test('what listeners take is in the trace, where it was', options, (t) => {
  const busy = 'for (const end = performance.now() + 5; performance.now() < end; );';
  const { run, bundle } = plugged(t, {
    plugins: {
      busy: `on: {
        'pivotRoot:before': () => { ${busy} },
        'createCgroup:after': () => { ${busy} throw new Error('tired'); },
        'command:after': () => new Promise((done) => setTimeout(done, 30)),
        'stage:after': () => {},
      }`,
    },
  });
  assert.match(run().stderr, /plugin busy: createCgroup:after: tired/);
  const spans = spansIn(bundle.traces);
  const attribute = ({ attributes }: OtlpSpan, name: string) =>
    attributes.find(({ key }) => key === name)?.value;
  const took = spans
    .filter(({ name }) => name === 'plugin busy')
    .map((span) => ({
      call: (attribute(span, 'davit.plugin.call') as { stringValue: string }).stringValue,
      within: spans.find(({ spanId }) => spanId === span.parentSpanId)!.name,
      error: span.status?.message,
      long: BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano) >= 5_000_000n,
    }))
    // A machine that is busy itself makes short ones long.
    .filter(({ long }) => long);
  assert.deepEqual(took, [
    { call: 'on createCgroup:after', within: 'davit run', error: 'tired', long: true },
    { call: 'on pivotRoot:before', within: 'pivotRoot', error: undefined, long: true },
    { call: 'on command:after', within: 'endPlugins', error: undefined, long: true },
  ]);
  const end = spans.find(({ name }) => name === 'endPlugins')!;
  assert.match(JSON.stringify(attribute(end, 'davit.plugin.listeners')), /busy: \d+ calls in \d/);
});

interface OtlpSpan {
  name: string;
  spanId: string;
  parentSpanId?: string;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: { key: string; value: object }[];
  status?: { message?: string };
}

function spansIn(directory: string): OtlpSpan[] {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true });
  const lines = files
    .filter((file) => file.isFile())
    .flatMap((file) => readFileSync(join(file.parentPath, file.name), 'utf8').split('\n'));
  return lines
    .filter(Boolean)
    .flatMap((line) => JSON.parse(line).resourceSpans[0].scopeSpans[0].spans);
}

test('a plugin that used the thread pool does not disturb the fork', options, (t) => {
  const { run } = plugged(t, {
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

test('--plugin takes files and CommonJS; davit plugins lists all, in order', options, (t) => {
  const { bundle, config, command } = plugged(t, {
    plugins: {
      a: `claims: ['env'], adjust() {}, before: { mounts() {} }, on: { 'stage:after'() {} }`,
    },
  });
  const file = join(bundle.dir, 'b.cjs');
  writeFileSync(
    file,
    `module.exports = { name: 'b', inContainer: { after: { pivotRoot() {} } } };`,
  );
  const { stdout, stderr } = command('--plugin', file, 'plugins', '--json');
  assert.equal(stderr, '');
  assert.deepEqual(JSON.parse(stdout), [
    {
      ...{ name: 'a', file: join(bundle.dir, 'a.ts'), from: config, timeout: 5000 },
      calls: ['adjust', 'before mounts', 'on stage:after'],
      claims: ['env'],
    },
    { name: 'b', file, from: '--plugin', timeout: 5000, calls: ['inContainer.after pivotRoot'] },
  ]);
  assert.match(
    command('plugins').stdout,
    /^a +\S+a\.ts +\S+ +env +adjust, before mounts, on stage/m,
  );
  const missing = bundle.runtime('--plugin', './absent.ts', 'plugins');
  assert.match(missing.stderr, /plugin \.\/absent\.ts: there is no \//);
  const twice = bundle.runtime('--plugin', file, 'plugins', '--plugin', file);
  assert.match(twice.stderr, /plugin b: is there twice: /);
});

/** What plugins that come with davit cannot do without. */
const OPTIONS: Record<string, object> = {
  audit: { file: '/absent/audit.jsonl' },
  metrics: { path: '/absent/davit.prom' },
  'seccomp-record': { output: '/absent/{id}.json' },
};

test('a package may be TypeScript; davit has plugins of its own', options, (t) => {
  const { bundle, config, command } = plugged(t, { plugins: {} });
  const directory = join(bundle.dir, 'node_modules/davit-typed');
  mkdirSync(directory, { recursive: true });
  writeFileSync(
    join(directory, 'package.json'),
    JSON.stringify({ name: 'davit-typed', type: 'module', exports: './index.ts' }),
  );
  writeFileSync(join(directory, 'value.ts'), 'export const value: string = "typed" as const;\n');
  writeFileSync(
    join(directory, 'index.ts'),
    `import { definePlugin, type Plugin } from 'davit/plugin';
import { value } from './value.ts';
const plugin: Plugin = definePlugin({ name: value });
export default plugin;\n`,
  );
  const own = readdirSync(join(import.meta.dirname, '../../plugins'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  const entries = own.map((name) => ({
    plugin: `davit/plugins/${name}`,
    options: OPTIONS[name] ?? {},
  }));
  writeFileSync(config, JSON.stringify({ plugins: ['davit-typed', ...entries] }));
  // The second time, from the cache.
  for (let i = 0; i < 2; i++) {
    const { stdout, stderr } = command('plugins', '--json');
    assert.equal(stderr, '');
    const names = JSON.parse(stdout).map(({ name }: { name: string }) => name);
    assert.deepEqual(names, ['typed', ...own]);
  }
  const absent = bundle.runtime('--plugin', 'davit/plugins/absent', 'plugins');
  assert.match(
    absent.stderr,
    /plugin davit\/plugins\/absent: there is no \/.*plugins\/absent\/index\.ts/,
  );
});

test('a configuration file that others may write to is refused', options, (t) => {
  const { bundle, config, run } = plugged(t, { plugins: { a: '' } });
  chmodSync(config, 0o666);
  fails({ bundle, config, run, command: () => run() }, /may be written by others/);
  chmodSync(config, 0o644);
  writeFileSync(config, '{ "plugins": [{ "plugin": "./a.ts", "timeout": 0 }] }');
  assert.match(run().stderr, /plugins\[0\]\.timeout: expected milliseconds, more than 0/);
  writeFileSync(config, '{ "plugin": [] }');
  assert.match(run().stderr, /davit\.json: plugin: expected only "plugins"/);
});

test('an embedding program has plugins, told of each container once', options, (t) => {
  const bundle = makeBundle(t);
  const { id } = bundle;
  const { stdout, stderr } = runCommand(process.execPath, [
    ...[...nodeFlags, join(import.meta.dirname, '../support/embed-plugins.ts')],
    ...[bundle.root, bundle.dir, id],
  ]);
  assert.equal(stderr, '');
  assert.deepEqual(JSON.parse(stdout), [
    ...[`created ${id}-a`, `created ${id}-b`],
    ...['status 3', `deleted ${id}-a`],
    ...['status 4', `deleted ${id}-b`],
  ]);
});

const example = (name: string): string =>
  join(import.meta.dirname, `../../examples/plugins/${name}.ts`);

test('example: secrets that only the program can read', options, (t) => {
  const script = 'id -u; cat /run/secrets/token; ls -ld /run/secrets | cut -c 1-10';
  const bundle = makeBundle(t, {
    args: ['sh', '-c', script],
    spec(spec) {
      spec.process.user = { uid: 1234, gid: 5 };
    },
  });
  const secret = join(bundle.dir, 'token');
  writeFileSync(secret, 'open sesame\n', { mode: 0o400 });
  const config = join(bundle.dir, 'davit.json');
  const given = (files: object) => {
    const entry = { plugin: example('secrets'), options: { files } };
    writeFileSync(config, JSON.stringify({ plugins: [entry] }));
    const env = { DAVIT_CONFIG: config };
    return bundle.runtimeWith({ env }, 'run', '--bundle', bundle.dir, bundle.id);
  };
  const { stdout, stderr } = given({ token: secret });
  assert.deepEqual([stdout, stderr], ['1234\nopen sesame\ndr-x------\n', '']);
  assert.match(
    given({ token: '/no/such' }).stderr,
    /plugin secrets: before forkInit: ENOENT.*\/no/,
  );
  bundle.expectNothingLeft();
});

test('example: containers without seccomp are refused', options, (t) => {
  const refused = makeBundle(t).run('--plugin', example('require-seccomp'));
  assert.match(refused.stderr, /plugin require-seccomp: validate: linux.seccomp is missing/);
  const bundle = makeBundle(t, {
    spec(spec) {
      spec.linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW' };
    },
  });
  const { status, stderr } = bundle.run('--plugin', example('require-seccomp'));
  assert.deepEqual([status, stderr], [0, '']);
});

test("example: the host's certificates, where the image has a place for them", options, (t) => {
  const bundle = makeBundle(t, { args: ['sh', '-c', 'grep -c /etc/ssl/certs /proc/mounts'] });
  const run = () => bundle.run('--plugin', example('host-certificates')).stdout;
  assert.equal(run(), '0\n');
  mkdirSync(join(bundle.rootfs, 'etc/ssl/certs'), { recursive: true });
  assert.equal(run(), '1\n');
});
