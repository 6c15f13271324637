import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { defaultSpec } from '../../../src/config/default-spec.ts';
import { validateSpec } from '../../../src/config/validate/spec.ts';
import type { Anything } from './validate/valid-spec.ts';

/** The text that the installed runc's `spec` writes. */
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

  test(`the default spec equals runc's, byte for byte: spec ${flags}`, () => {
    const spec: Anything = defaultSpec({ rootless });
    // All differences follow. runc 1.1 has an older version of the spec,
    assert.equal(spec.ociVersion, '1.3.0');
    spec.ociVersion = '1.0.2-dev';
    // its container has runc's name,
    assert.equal(spec.hostname, 'davit');
    spec.hostname = 'runc';
    // and ambient capabilities, which runc 1.2 removed.
    spec.process.capabilities.ambient = spec.process.capabilities.bounding;
    assert.equal(JSON.stringify(spec, null, '\t'), runcSpec(...flags));
  });

  test(`davit's and runc's default specs are valid: spec ${flags}`, () => {
    assert.deepEqual(validateSpec(defaultSpec({ rootless })), []);
    assert.deepEqual(validateSpec(JSON.parse(runcSpec(...flags))), []);
  });
}

test('rootless, the given ids are mapped to root', () => {
  const { linux } = defaultSpec({ rootless: true, uid: 1000, gid: 100 });
  assert.deepEqual(linux?.uidMappings, [{ containerID: 0, hostID: 1000, size: 1 }]);
  assert.deepEqual(linux?.gidMappings, [{ containerID: 0, hostID: 100, size: 1 }]);
});
