import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { needsRoot } from '../../support/bundle.ts';
import { assertRunFails, bundleWithPlugins } from '../../support/bundle-with-plugins.ts';

const options = { skip: needsRoot };

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
      assertRunFails(
        bundleWithPlugins(t, { plugins: { guard: parts } }),
        new RegExp(`: ${stage}: plugin guard: ${moment} ${stage}: not today$`, 'm'),
      );
    });
  }
}

test('inContainer functions work before and after pivotRoot', options, (t) => {
  const { bundle, run } = bundleWithPlugins(t, {
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

test('an error in an inContainer function fails the stage and names the plugin', options, (t) => {
  assertRunFails(
    bundleWithPlugins(t, {
      plugins: {
        clumsy: `inContainer: { before: { mounts(ctx) {
          ctx.mount({ destination: '/x', type: 'bind', source: '/absent', options: ['bind'] });
        } } }`,
      },
    }),
    /: mounts: plugin clumsy: inContainer.before mounts: mount \/absent on \/x .*ENOENT/,
  );
});

test('paths of inContainer functions stay in the rootfs', options, (t) => {
  const { bundle, run } = bundleWithPlugins(t, {
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
