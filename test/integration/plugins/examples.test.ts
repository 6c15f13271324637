import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeBundle, needsRoot } from '../../support/bundle.ts';

const options = { skip: needsRoot };

const example = (name: string): string =>
  join(import.meta.dirname, `../../../examples/plugins/${name}.ts`);

test('example: only the program can read the secrets', options, (t) => {
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

test("example: the host's certificates replace the image's", options, (t) => {
  const bundle = makeBundle(t, { args: ['sh', '-c', 'grep -c /etc/ssl/certs /proc/mounts'] });
  const run = () => bundle.run('--plugin', example('host-certificates')).stdout;
  assert.equal(run(), '0\n');
  mkdirSync(join(bundle.rootfs, 'etc/ssl/certs'), { recursive: true });
  assert.equal(run(), '1\n');
});
