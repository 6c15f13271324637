import assert from 'node:assert/strict';
import { test } from 'node:test';
import { validateSpec } from '../../../../src/config/validate/spec.ts';
import { schemaErrors } from './config-schema.ts';
import { type Anything, inUserNamespace, validSpec } from './valid-spec.ts';

const mapping = [{ containerID: 0, hostID: 0, size: 1 }];

/** Values that callers write and runc accepts. */
const ACCEPTED: [name: string, change: (spec: Anything) => void][] = [
  ['unknown fields', (s) => (s.linux.resources.cpu = { turbo: 1 })],
  ['a platform of no concern', (s) => (s.windows = { layerFolders: 1 })],
  [
    'no linux',
    (s) => {
      delete s.linux;
      delete s.hostname;
    },
  ],
  ['a relative mount destination', (s) => (s.mounts[0].destination = 'proc')],
  ['unknown capabilities', (s) => s.process.capabilities.bounding.push('CAP_FUTURE')],
  ['RLIM_INFINITY', (s) => (s.process.rlimits[0].hard = 2n ** 64n - 1n)],
  [
    'an odd console size without a terminal',
    (s) => {
      s.process.terminal = false;
      s.process.consoleSize = {};
    },
  ],
  ['empty lists of mappings without a user namespace', (s) => (s.linux.uidMappings = [])],
  [
    'a joined user namespace with its mappings',
    (s) => {
      s.linux.namespaces.push({ type: 'user', path: '/proc/1/ns/user' });
      s.linux.uidMappings = mapping;
      s.process.user.uid = 1000;
    },
  ],
  [
    'an errno for an action without one',
    (s) => {
      const syscalls = [{ names: ['mkdir'], action: 'SCMP_ACT_ALLOW', errnoRet: 1 }];
      s.linux.seccomp = { defaultAction: 'SCMP_ACT_LOG', defaultErrnoRet: 1, syscalls };
    },
  ],
  [
    'a bind mount with an empty option',
    (s) => s.mounts.push({ destination: '/a', source: '/a', options: ['rbind', ''] }),
  ],
  ['an empty namespace path', (s) => (s.linux.namespaces[0].path = '')],
  [
    'the last mapped uid',
    (s) => {
      inUserNamespace(s);
      s.process.user = { uid: 999, gid: 999, additionalGids: [1] };
    },
  ],
  [
    'idmap with the mappings of the user namespace',
    (s) => {
      inUserNamespace(s);
      s.mounts.push({ destination: '/a', source: '/a', options: ['rbind', 'ridmap', 'rro'] });
    },
  ],
  ['a sysctl with slashes', (s) => (s.linux.sysctl = { 'net/ipv4/conf/eno2.100/forwarding': '1' })],
  ['the domain name as a sysctl', (s) => (s.linux.sysctl = { 'kernel.domainname': 'a' })],
  ['a FIFO without numbers', (s) => (s.linux.devices = [{ type: 'p', path: '/dev/fifo' }])],
  ['a device rule for all numbers', (s) => (s.linux.resources.devices[0].major = -1)],
  [
    'no limit',
    (s) => (s.linux.resources = { memory: { limit: -1, swap: -1 }, pids: { limit: -1 } }),
  ],
  ['an unset weight', (s) => (s.linux.resources.blockIO = { weight: 0 })],
  [
    'every kind of hook',
    (s) => {
      const hooks = ['prestart', 'createRuntime', 'createContainer', 'startContainer', 'poststart'];
      s.hooks = Object.fromEntries(hooks.map((name) => [name, [{ path: '/h', timeout: 5 }]]));
    },
  ],
  ['no process', (s) => delete s.process],
  ['a development version', (s) => (s.ociVersion = '1.0.2-dev')],
  ['a later minor version', (s) => (s.ociVersion = '1.4.0+dev')],
];

for (const [name, change] of ACCEPTED) {
  test(`accepts ${name}`, () => {
    const spec = validSpec();
    change(spec);
    assert.deepEqual(validateSpec(spec), []);
    assert.equal(schemaErrors('config', spec), undefined);
  });
}
