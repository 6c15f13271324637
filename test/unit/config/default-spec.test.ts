import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { defaultSpec } from '../../../src/config/default-spec.ts';
import { validateSpec } from '../../../src/config/validate/spec.ts';
import type { Anything } from './validate/valid-spec.ts';

/** What the installed runc's `spec` writes, as text. */
function runcSpec(...flags: string[]): string {
  const bundle = mkdtempSync(join(tmpdir(), 'davit-spec-'));
  try {
    execFileSync('runc', ['spec', '--bundle', bundle, ...flags]);
    return readFileSync(join(bundle, 'config.json'), 'utf8');
  } finally {
    rmSync(bundle, { recursive: true });
  }
}

for (const rootless of [false, true]) {
  const flags = rootless ? ['--rootless'] : [];

  test(`the default spec is runc's, letter by letter: spec ${flags}`, () => {
    const spec: Anything = defaultSpec({ rootless });
    // The differences, all of them. runc 1.1 is a version of the spec behind,
    assert.equal(spec.ociVersion, '1.3.0');
    spec.ociVersion = '1.0.2-dev';
    // its container is named after itself,
    assert.equal(spec.hostname, 'davit');
    spec.hostname = 'runc';
    // and it has ambient capabilities, which runc 1.2 took out.
    spec.process.capabilities.ambient = spec.process.capabilities.bounding;
    assert.equal(JSON.stringify(spec, null, '\t'), runcSpec(...flags));
  });

  test(`the default spec and runc's are valid: spec ${flags}`, () => {
    assert.deepEqual(validateSpec(defaultSpec({ rootless })), []);
    assert.deepEqual(validateSpec(JSON.parse(runcSpec(...flags))), []);
  });
}

test('rootless, the ids given are root in the container', () => {
  const { linux } = defaultSpec({ rootless: true, uid: 1000, gid: 100 });
  assert.deepEqual(linux?.uidMappings, [{ containerID: 0, hostID: 1000, size: 1 }]);
  assert.deepEqual(linux?.gidMappings, [{ containerID: 0, hostID: 100, size: 1 }]);
});
