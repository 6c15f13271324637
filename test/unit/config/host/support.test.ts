import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultSpec } from '../../../../src/config/default-spec.ts';
import { checkSupport } from '../../../../src/config/host/support.ts';
import { SUPPORT, type Support } from '../../../../src/config/support.ts';
import { Report } from '../../../../src/config/validate/checks/report.ts';

function check(support: Support): string[] {
  const spec = defaultSpec();
  const mapping = [{ containerID: 0, hostID: 1000, size: 1 }];
  spec.linux!.seccomp = { defaultAction: 'SCMP_ACT_ALLOW' };
  spec.linux!.intelRdt = {};
  spec.mounts = [
    { destination: '/a', source: '/a', options: ['bind', 'idmap'], uidMappings: mapping },
    { destination: '/b', source: '/b', options: ['bind'], uidMappings: mapping },
  ];
  const report = new Report();
  checkSupport(spec, report, support);
  return report.problems.map(({ path }) => path);
}

test('unsupported settings are refused with their path', () => {
  const none = Object.fromEntries(Object.keys(SUPPORT).map((name) => [name, false])) as Support;
  assert.deepEqual(check(none), [
    'linux.intelRdt',
    'linux.seccomp',
    'mounts[0].options[1]',
    'mounts[1].uidMappings',
  ]);
  assert.deepEqual(check({ ...none, intelRdt: true, idmap: true }), ['linux.seccomp']);
});
