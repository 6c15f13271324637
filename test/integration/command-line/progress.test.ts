import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { type Bundle, makeBundle, needsRoot } from '../../support/bundle.ts';
import { has } from '../../support/host/has.ts';
import { atTerminal } from '../../support/terminal.ts';
import { waitFor } from '../../support/wait-for.ts';

/* What takes more than a second says so on a terminal. */

const options = { skip: needsRoot };
/** ECMA-48: the beginning of the line, and erase to its end. */
const ERASE = '\r\x1b[K';

/** A bundle with a hook that ends when the file `go` is in the rootfs. */
function bundleWithHook(
  t: TestContext,
  kind: 'createRuntime' | 'createContainer' | 'startContainer',
) {
  const bundle = makeBundle(t, { args: ['echo', 'aboard'] });
  const go = kind === 'startContainer' ? '/go' : `${bundle.rootfs}/go`;
  const args = ['sh', '-c', `cat > /dev/null; until [ -e ${go} ]; do sleep 0.1; done`];
  bundle.configure((spec) => {
    spec.process.args = ['echo', 'aboard'];
    spec.hooks = { [kind]: [{ path: '/bin/sh', args }] };
  });
  return bundle;
}

const run = (bundle: Bundle) => ['run', '--bundle', bundle.dir, bundle.id];

for (const kind of ['createRuntime', 'createContainer', 'startContainer'] as const) {
  test(`a ${kind} hook that takes long is shown until its end`, options, async (t) => {
    const bundle = bundleWithHook(t, kind);
    const { ended, screen } = atTerminal(t, bundle, ...run(bundle));
    await screen.includes(`${ERASE}hook ${kind}[0] /bin/sh has run for `);
    bundle.write('go', '');
    assert.deepEqual(await ended, [0, null]);
    await screen.includes(`${ERASE}aboard\r\n`);
  });
}

for (const flags of [['--log-format', 'json'], []]) {
  const where = flags.length > 0 ? 'a log of JSON' : 'a pipe';
  test(`nothing is shown in ${where}`, options, async (t) => {
    const bundle = bundleWithHook(t, 'createRuntime');
    // Longer than the delay of the line.
    const go = setTimeout(2500).then(() => bundle.write('go', ''));
    if (flags.length > 0) {
      const { ended, screen } = atTerminal(t, bundle, ...flags, ...run(bundle));
      assert.deepEqual(await ended, [0, null]);
      await screen.includes('aboard\r\n');
      assert.equal(screen.text, 'aboard\r\n');
    } else {
      const child = bundle.startRuntime({}, ...run(bundle));
      let stderr = '';
      child.stderr!.on('data', (data) => {
        stderr += data;
      });
      await once(child, 'close');
      assert.equal(stderr, '');
    }
    await go;
  });
}

test('a checkpoint that takes long is shown', options, async (t) => {
  const bundle = makeBundle(t, { args: ['sleep', '1000'] });
  bundle.runDetached();
  // Says that its version is 3.17. Saves nothing, until the file `go` is there.
  const criu = join(bundle.dir, 'criu');
  const version = String.raw`\010\012\020\001\122\004\010\003\020\021`;
  writeFileSync(
    criu,
    `#!/bin/sh
    if [ ! -e ${bundle.dir}/asked ]; then
      head -c 1 <&3 >${bundle.dir}/asked
      printf '${version}' >&3
    else
      until [ -e ${bundle.dir}/go ]; do sleep 0.1; done
    fi`,
  );
  chmodSync(criu, 0o755);
  const { PATH } = process.env;
  process.env.PATH = `${bundle.dir}:${PATH}`;
  t.after(() => {
    process.env.PATH = PATH;
  });
  const { ended, screen } = atTerminal(
    t,
    bundle,
    'checkpoint',
    '--image-path',
    `${bundle.dir}/images`,
    bundle.id,
  );
  await screen.includes(`${ERASE}criu has run for `);
  writeFileSync(join(bundle.dir, 'go'), '');
  assert.deepEqual(await ended, [1, null]);
  await screen.includes(`${ERASE}davit: checkpoint`);
});

test('a delete that waits for init is shown', {
  skip: needsRoot || (!has('strace') && 'needs strace'),
}, async (t) => {
  const bundle = makeBundle(t, { args: ['sh', '-c', 'sleep 1000 & wait'] });
  bundle.runDetached();
  const { pid: init } = bundle.state();
  const pids = () =>
    (JSON.parse(bundle.served('ps', '--format', 'json', bundle.id).stdout) as number[]).filter(
      (pid) => pid !== init,
    );
  await waitFor(() => pids().length === 1);
  // init ends only after all processes of its pid namespace, and this one's tracer does not look.
  const tracer = spawn('strace', ['-p', String(pids()[0])]);
  t.after(() => tracer.kill('SIGKILL'));
  await once(tracer.stderr, 'data');
  tracer.kill('SIGSTOP');
  const { ended, screen } = atTerminal(t, bundle, 'delete', '--force', bundle.id);
  await screen.includes(`${ERASE}init, pid ${init}, was sent SIGKILL and has not ended yet`);
  tracer.kill('SIGKILL');
  assert.deepEqual(await ended, [0, null]);
  await screen.until((text) => text.endsWith(ERASE), 'erased line');
  bundle.expectNothingLeft();
});
