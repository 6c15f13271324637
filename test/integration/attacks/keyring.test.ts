import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeBundle } from '../../support/bundle.ts';
import { needsUser } from '../../support/host/user.ts';

const PLANT = join(import.meta.dirname, 'programs/plant-keyring.ts');
/** Prints the keyrings of init and of the exec itself. */
const WHEN_INIT_HAS = 'until test -s /tmp/keys; do usleep 1000; done; cat /tmp/keys /proc/keys';
const NOBODY = 65534;

test('init does not join a session keyring of its name that another user made', {
  skip: needsUser,
}, async (t) => {
  const bundle = makeBundle(t, {
    args: ['sh', '-c', 'cat /proc/keys >/tmp/keys; sleep 1000'],
    spec: (spec) => {
      spec.linux.maskedPaths = [];
      spec.root.readonly = false;
    },
  });
  const name = `_ses.${bundle.id}`;
  const planter = spawn(process.execPath, [PLANT, name], {
    stdio: ['ignore', 'pipe', 'inherit'],
    uid: NOBODY,
    gid: NOBODY,
  });
  const ended = once(planter, 'exit');
  try {
    await once(planter.stdout, 'data');
    bundle.runDetached();
    const { stdout, stderr } = bundle.exec('sh', '-c', WHEN_INIT_HAS);
    assert.match(stdout, /keyring +_ses: .*keyring +_ses: /s, stderr);
    assert.ok(!stdout.includes(name), stdout);
  } finally {
    planter.kill('SIGKILL');
    await ended;
  }
});
