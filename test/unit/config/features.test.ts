import assert from 'node:assert/strict';
import { test } from 'node:test';
import { features } from '../../../src/config/features.ts';
import { SUPPORT, type Support } from '../../../src/config/support.ts';
import { validateSpec } from '../../../src/config/validate/spec.ts';
import { validSpec } from './validate/valid-spec.ts';

test('the listed versions are the accepted ones', () => {
  const { ociVersionMin, ociVersionMax } = features();
  for (const ociVersion of [ociVersionMin, ociVersionMax]) {
    assert.deepEqual(validateSpec({ ...validSpec(), ociVersion }), []);
  }
});

test('every listed namespace and hook is accepted in config.json', () => {
  const { hooks, linux } = features();
  const spec = validSpec();
  spec.linux.namespaces = linux.namespaces.map((type) => ({ type, path: `/run/${type}` }));
  spec.hooks = Object.fromEntries(hooks.map((hook) => [hook, [{ path: '/bin/true' }]]));
  assert.deepEqual(validateSpec(spec), []);
});

test('lists have an order and no duplicates', () => {
  const { hooks, mountOptions, linux } = features();
  for (const list of [hooks, mountOptions, linux.namespaces, linux.capabilities]) {
    assert.equal(new Set(list).size, list.length);
  }
  assert.ok(mountOptions.includes('rro') && mountOptions.includes('tmpcopyup'));
  assert.equal(linux.capabilities[21], 'CAP_SYS_ADMIN');
  assert.equal(linux.capabilities[40], 'CAP_CHECKPOINT_RESTORE');
});

test('what davit lacks is not listed', () => {
  const none = Object.fromEntries(Object.keys(SUPPORT).map((name) => [name, false]));
  const { linux } = features(none as Support);
  assert.deepEqual(linux.seccomp, { enabled: false });
  assert.equal(linux.memoryPolicy, undefined);
  assert.deepEqual(linux.mountExtensions, { idmap: { enabled: false } });
});

test('what davit has is listed completely', () => {
  const all = Object.fromEntries(Object.keys(SUPPORT).map((name) => [name, true]));
  const { linux, potentiallyUnsafeConfigAnnotations } = features(all as Support);
  assert.equal(linux.seccomp.actions?.length, 9);
  assert.equal(linux.seccomp.operators?.length, 7);
  assert.deepEqual(linux.memoryPolicy?.flags.length, 3);
  assert.deepEqual(linux.intelRdt, { enabled: true, schemata: true, monitoring: true });
  assert.deepEqual(potentiallyUnsafeConfigAnnotations, ['run.oci.', 'org.systemd.property.']);
});
