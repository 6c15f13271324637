import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { needsRoot } from '../../support/bundle.ts';
import { assertRunFails, bundleWithPlugins } from '../../support/bundle-with-plugins.ts';

const options = { skip: needsRoot };

for (const [where, parts] of [
  ['before createCgroup', `before: { createCgroup: () => new Promise(() => {}) }`],
  ['before pivotRoot', `before: { pivotRoot: () => new Promise(() => {}) }`],
  ['adjust', `adjust: () => new Promise(() => {})`],
  ['inContainer.before pivotRoot', `inContainer: { before: { pivotRoot() { for (;;); } } }`],
] as const) {
  test(`an error names the plugin whose promise never resolves: ${where}`, options, (t) => {
    assertRunFails(
      bundleWithPlugins(t, { plugins: { sleepy: parts }, timeout: 200 }),
      new RegExp(
        `plugin sleepy: ${where}: no answer within 200 ms \\(hint: .*--plugin-timeout`,
        'm',
      ),
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
  test(`a plugin that never returns is ended, and the error names it: ${where}`, options, (t) => {
    assertRunFails(
      bundleWithPlugins(t, { plugins: { spinner: parts }, timeout: 100 }),
      new RegExp(
        `^davit: run \\S+ plugin spinner: ${where}: no answer within 100 ms \\(hint: .*--plugin-timeout`,
        'm',
      ),
    );
  });
}

const FROM = { 'the command line': true, 'the configuration file': false };
for (const [where, given] of Object.entries(FROM)) {
  test(`a plugin’s time limit from ${where}`, options, (t) => {
    const { bundle, command } = bundleWithPlugins(t, {
      plugins: { sleepy: `adjust: () => new Promise((done) => setTimeout(done, 1500))` },
      timeout: given ? undefined : 20_000,
    });
    const plugin = join(bundle.dir, 'sleepy.ts');
    const run = (limit: string) => {
      const flags = ['--plugin-timeout', limit, 'run', '--bundle', bundle.dir, bundle.id];
      if (!given) return command(...flags);
      return bundle.runtimeWith({ env: { DAVIT_CONFIG: '' } }, '--plugin', plugin, ...flags);
    };
    const short = run('300ms');
    if (given) assert.match(short.stderr, /plugin sleepy: adjust: no answer within 300 ms/);
    assert.equal(short.status, given ? 1 : 0, short.stderr);
    assert.equal(run('20s').status, 0);
    for (const limit of ['soon', '0', '-1s', '']) {
      const { status, stderr } = run(limit);
      assert.equal(status, 1);
      assert.match(stderr, /^davit: run: invalid plugin-timeout: "[^"]*": expected a duration/);
    }
  });
}

test('on a busy machine, only a plugin’s own CPU time counts for its limit', options, (t) => {
  const { bundle, config } = bundleWithPlugins(t, {
    // On one CPU shared with 20 other processes, the function takes 20 times as long.
    plugins: {
      busy: `adjust() { const end = process.cpuUsage().user + 150_000; while (process.cpuUsage().user < end); }`,
    },
    timeout: 1000,
  });
  const others = 'for i in $(seq 20); do while :; do :; done & done';
  const run = `${bundle.binary} --root ${bundle.root} run --bundle ${bundle.dir} ${bundle.id}`;
  const script = `${others}; DAVIT_CONFIG=${config} ${run}; status=$?; kill $(jobs -p); exit $status`;
  const { status, stderr } = bundle.commandWith(
    { timeout: 60_000 },
    'taskset',
    '-c',
    '0',
    'bash',
    '-c',
    script,
  );
  assert.equal(status, 0, stderr);
});

test(
  'a plugin that never returns fails each command, and the container can still be deleted',
  options,
  (t) => {
    const spin = `(event, ctx) => { if (ctx.command === process.env.SPIN_IN) ${FOR_EVER} }`;
    const { bundle, config } = bundleWithPlugins(t, {
      args: ['sleep', '1000'],
      plugins: { spinner: `on: { 'stage:before': ${spin} }` },
      timeout: 100,
    });
    const spinning = (command: string, ...args: string[]) => {
      const env = { DAVIT_CONFIG: config, SPIN_IN: command };
      const { status, stderr } = bundle.runtimeWith({ env }, command, ...args);
      assert.equal(status, command === 'exec' ? 255 : 1);
      assert.match(
        stderr,
        /plugin spinner: stage:before: no answer within 100 ms \(hint: [^\n]*--plugin-timeout[^\n]*\n$/,
      );
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
  test(`a plugin must not call process.${what}()`, options, (t) => {
    assertRunFails(
      bundleWithPlugins(t, { plugins: { quitter: parts } }),
      new RegExp(`: mounts: plugin quitter: before mounts: a plugin must not call process.${what}`),
    );
  });
}

test('late errors of a plugin are reported even if no stage waits for them', options, (t) => {
  const { command, bundle } = bundleWithPlugins(t, {
    plugins: {
      litterer: `before: {
        createCgroup() {
          console.log('logged');
          setTimeout(() => { throw new Error('of a timer'); }, 1);
          setTimeout(() => {}, 1_000_000);
          setTimeout(() => {}, 1_000_000).unref();
          Promise.reject(new Error('of a promise'));
        },
      }`,
    },
  });
  const { status, stdout, stderr } = command('create', '--bundle', bundle.dir, bundle.id);
  assert.equal(status, 0, stderr);
  assert.equal(stdout, '');
  assert.match(stderr, /^logged$/m);
  assert.match(stderr, /plugin litterer: before createCgroup, later: of a promise/);
  assert.match(stderr, /plugin litterer: before createCgroup, later: of a timer/);
  assert.match(stderr, /plugin litterer: a timer is left 1000 ms after the command/);
  bundle.runtime('delete', '--force', bundle.id);
});

for (const [mistake, parts, place] of [
  ['a type', 'before: { mounts(: }', ''],
  ['an enum', '}); enum A { B } ({', ''],
  ['a name', 'before: { mounts() { nonsense(); } }', ':\\d+'],
] as const) {
  test(`an error in a plugin’s code is reported with its place: ${mistake}`, options, (t) => {
    const run = bundleWithPlugins(t, { imports: '\n\n', plugins: { wrong: parts } });
    assertRunFails(
      run,
      new RegExp(`plugin \\S*wrong.*: .* \\(/\\S+/wrong\\.ts:\\d+${place}\\)$`, 'm'),
    );
  });
}

test('late errors of a plugin are warnings', options, (t) => {
  const { bundle, run } = bundleWithPlugins(t, {
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
    'a plugin must not call process.exit()',
    'of a promise',
    'of a timer',
  ]);
  bundle.expectNothingLeft();
});
