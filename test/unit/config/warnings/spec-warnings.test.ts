import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultSpec } from '../../../../src/config/default-spec.ts';
import { specWarnings } from '../../../../src/config/warnings/spec-warnings.ts';

test('the default spec gives no warning', () => {
  assert.deepEqual(specWarnings(defaultSpec()), []);
});

test('fields that are accepted and ignored give a warning', () => {
  const spec = defaultSpec();
  spec.process!.capabilities!.bounding = ['CAP_KILL', 'CAP_FUTURE'];
  spec.process!.capabilities!.effective!.push('CAP_CHOWN');
  spec.process!.capabilities!.inheritable = ['CAP_CHOWN'];
  spec.process!.capabilities!.ambient = ['CAP_KILL', 'CAP_FUTURE'];
  spec.mounts![0]!.destination = 'proc';
  spec.linux!.personality = { domain: 'LINUX', flags: ['ADDR_NO_RANDOMIZE'] };
  spec.linux!.resources!.memory = { kernel: -1 };
  assert.deepEqual(specWarnings(spec), [
    'ignoring unknown capabilities: CAP_FUTURE',
    'left out of the effective capabilities, as they are not permitted: CAP_CHOWN',
    'left out of the inheritable capabilities, as they are not in the bounding set: CAP_CHOWN',
    "can't raise ambient capability CAP_KILL, CAP_FUTURE: each must be both permitted and inheritable",
    'mounts[0].destination: proc is relative: taken as /proc',
    'linux.personality.flags: ignored, as runtime-spec defines none',
    'linux.resources.memory.kernel, kernelTCP: ignored, as kernels have dropped them',
  ]);
});

test('ambient capabilities without inheritable ones, as Buildah writes them, give no warning', () => {
  const spec = defaultSpec();
  const capabilities = spec.process!.capabilities!;
  capabilities.ambient = capabilities.permitted!;
  delete capabilities.inheritable;
  assert.deepEqual(specWarnings(spec), []);
  capabilities.ambient = [...capabilities.permitted!, 'CAP_SYS_ADMIN'];
  assert.match(specWarnings(spec).join(), /can't raise ambient capability .*CAP_SYS_ADMIN/);
});
