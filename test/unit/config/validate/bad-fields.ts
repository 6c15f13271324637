import { MEMORY_POLICY_MODES } from '../../../../src/config/names/memory-policy.ts';
import { NAMESPACE_TYPES } from '../../../../src/config/names/namespace-types.ts';
import { PROPAGATIONS } from '../../../../src/config/names/propagations.ts';
import { SECCOMP_ACTIONS } from '../../../../src/config/names/seccomp-actions.ts';
import { SECCOMP_ARCHS } from '../../../../src/config/names/seccomp-archs.ts';
import { SECCOMP_FLAGS } from '../../../../src/config/names/seccomp-flags.ts';
import { SECCOMP_OPERATORS } from '../../../../src/config/names/seccomp-operators.ts';
import type { BadConfig } from './valid-spec.ts';

const VERSION = 'a version from 1.0.0 on, below 2';
const INTERFACE = "a network interface's name: 1 to 15 characters, none of them / : or space";
const NON_EMPTY = 'a string that is not empty and has no NUL characters';

/** Mistakes outside of `process` and `linux.resources`. */
export const BAD_ELSEWHERE: BadConfig[] = [
  ['no ociVersion', (s) => delete s.ociVersion, 'ociVersion', undefined, VERSION],
  ['an ociVersion of 2', (s) => (s.ociVersion = '2.0.0'), 'ociVersion', '2.0.0', VERSION],
  ['an ociVersion of two parts', (s) => (s.ociVersion = '1.0'), 'ociVersion', '1.0', VERSION],
  ['an ociVersion as a number', (s) => (s.ociVersion = 1.2), 'ociVersion', 1.2, VERSION],
  ['no root', (s) => delete s.root, 'root', undefined, 'an object'],
  ['an empty root path', (s) => (s.root.path = ''), 'root.path', '', NON_EMPTY],
  [
    'a readonly of "yes"',
    (s) => (s.root.readonly = 'yes'),
    'root.readonly',
    'yes',
    'true or false',
  ],
  [
    'a hostname of 65 bytes',
    (s) => (s.hostname = 'h'.repeat(65)),
    'hostname',
    'h'.repeat(65),
    'a name of at most 64 bytes',
  ],
  [
    'an annotation that is a number',
    (s) => (s.annotations = { 'a.b': 1 }),
    'annotations["a.b"]',
    1,
    'a string',
  ],
  [
    'an annotation without a key',
    (s) => (s.annotations = { '': 'x' }),
    'annotations[""]',
    '',
    'a key that is not empty',
  ],
  ['mounts as an object', (s) => (s.mounts = {}), 'mounts', {}, 'a list'],
  [
    'a mount without a destination',
    (s) => delete s.mounts[1].destination,
    'mounts[1].destination',
    undefined,
    NON_EMPTY,
  ],
  ['options as a string', (s) => (s.mounts[1].options = 'ro'), 'mounts[1].options', 'ro', 'a list'],
  [
    "a bind mount with a file system's option",
    (s) => s.mounts.push({ destination: '/a', source: '/a', options: ['bind', 'size=1m'] }),
    'mounts[7].options[1]',
    'size=1m',
    'no option of a file system, as the mount is a bind mount',
  ],
  [
    'a bind mount without a source',
    (s) => s.mounts.push({ destination: '/a', options: ['rbind'] }),
    'mounts[7].source',
    undefined,
    'a path, as the mount is a bind mount',
  ],
  [
    'a mount with uid mappings alone',
    (s) => {
      const uidMappings = [{ containerID: 0, hostID: 1000, size: 1 }];
      s.mounts.push({ destination: '/a', source: '/a', options: ['bind'], uidMappings });
    },
    'mounts[7].gidMappings',
    undefined,
    'at least one mapping, as there are uidMappings',
  ],
  [
    'an idmapped tmpfs',
    (s) => s.mounts[1].options.push('idmap'),
    'mounts[1].options[4]',
    'idmap',
    'a bind mount, or no such option',
  ],
  [
    'a hook by a relative path',
    (s) => (s.hooks = { poststop: [{ path: 'clean' }] }),
    'hooks.poststop[0].path',
    'clean',
    'an absolute path',
  ],
  [
    'a hook without a path',
    (s) => (s.hooks = { createRuntime: [{ args: ['x'] }] }),
    'hooks.createRuntime[0].path',
    undefined,
    'an absolute path',
  ],
  [
    'a hook with a timeout of 0',
    (s) => (s.hooks = { prestart: [{ path: '/bin/true', timeout: 0 }] }),
    'hooks.prestart[0].timeout',
    0,
    'an integer from 1 to 2147483',
  ],
  [
    'an unknown namespace',
    (s) => s.linux.namespaces.push({ type: 'net' }),
    'linux.namespaces[5].type',
    'net',
    `one of ${NAMESPACE_TYPES.join(', ')}`,
  ],
  [
    'a namespace given twice',
    (s) => s.linux.namespaces.push({ type: 'pid', path: '/proc/1/ns/pid' }),
    'linux.namespaces[5].type',
    'pid',
    'each type at most once',
  ],
  [
    'a namespace by a relative path',
    (s) => (s.linux.namespaces[1].path = 'netns/a'),
    'linux.namespaces[1].path',
    'netns/a',
    'an absolute path',
  ],
  [
    'a time offset of a whole second in nanoseconds',
    (s) => {
      s.linux.namespaces.push({ type: 'time' });
      s.linux.timeOffsets = { boottime: { nanosecs: 1_000_000_000 } };
    },
    'linux.timeOffsets.boottime.nanosecs',
    1_000_000_000,
    'an integer from 0 to 999999999',
  ],
  [
    'a clock that has no offset',
    (s) => {
      s.linux.namespaces.push({ type: 'time' });
      s.linux.timeOffsets = { realtime: { secs: 1 } };
    },
    'linux.timeOffsets.realtime',
    'realtime',
    'one of boottime, monotonic',
  ],
  [
    'a device of another type',
    (s) => (s.linux.devices = [{ type: 'd', path: '/dev/a', major: 1, minor: 3 }]),
    'linux.devices[0].type',
    'd',
    'one of b, c, u, p',
  ],
  [
    'a device without a number',
    (s) => (s.linux.devices = [{ type: 'c', path: '/dev/a', major: 1 }]),
    'linux.devices[0].minor',
    undefined,
    'an integer from 0 to 1048575',
  ],
  [
    'a network device with a bad name',
    (s) => (s.linux.netDevices = { eth0: { name: 'a/b' } }),
    'linux.netDevices.eth0.name',
    'a/b',
    INTERFACE,
  ],
  [
    'a network device with a long name',
    (s) => (s.linux.netDevices = { abcdefghijklmnop: {} }),
    'linux.netDevices.abcdefghijklmnop',
    'abcdefghijklmnop',
    INTERFACE,
  ],
  [
    'an unknown propagation',
    (s) => (s.linux.rootfsPropagation = 'public'),
    'linux.rootfsPropagation',
    'public',
    `one of ${PROPAGATIONS.join(', ')}`,
  ],
  [
    'a masked path that is an object',
    (s) => (s.linux.maskedPaths = [{}]),
    'linux.maskedPaths[0]',
    {},
    'a string without NUL characters',
  ],
  [
    'an unknown personality',
    (s) => (s.linux.personality = { domain: 'BSD' }),
    'linux.personality.domain',
    'BSD',
    'one of LINUX, LINUX32',
  ],
  [
    'a closID with a slash',
    (s) => (s.linux.intelRdt = { closID: 'a/b' }),
    'linux.intelRdt.closID',
    'a/b',
    'the name of a directory, or /',
  ],
  [
    'a schema of two lines',
    (s) => (s.linux.intelRdt = { schemata: ['L3:0=f\nL3:1=f'] }),
    'linux.intelRdt.schemata[0]',
    'L3:0=f\nL3:1=f',
    'one line',
  ],
  [
    'an unknown memory policy',
    (s) => (s.linux.memoryPolicy = { mode: 'BIND' }),
    'linux.memoryPolicy.mode',
    'BIND',
    `one of ${MEMORY_POLICY_MODES.join(', ')}: invalid memory policy mode`,
  ],
  [
    'a memory policy without the nodes it needs',
    (s) => (s.linux.memoryPolicy = { mode: 'MPOL_BIND' }),
    'linux.memoryPolicy.nodes',
    undefined,
    'at least one node, as mode is MPOL_BIND',
  ],
  [
    'a memory policy with nodes it cannot have',
    (s) => (s.linux.memoryPolicy = { mode: 'MPOL_LOCAL', nodes: '0' }),
    'linux.memoryPolicy.nodes',
    '0',
    'no nodes, as mode is MPOL_LOCAL: mode requires 0 nodes but got 1',
  ],
  [
    'an unknown seccomp action',
    (s) => (s.linux.seccomp = { defaultAction: 'SCMP_ACT_DENY' }),
    'linux.seccomp.defaultAction',
    'SCMP_ACT_DENY',
    `one of ${SECCOMP_ACTIONS.join(', ')}`,
  ],
  [
    'an unknown architecture',
    (s) => (s.linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW', architectures: ['x86_64'] }),
    'linux.seccomp.architectures[0]',
    'x86_64',
    `one of ${SECCOMP_ARCHS.join(', ')}`,
  ],
  [
    'an unknown seccomp flag',
    (s) => (s.linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW', flags: ['LOG'] }),
    'linux.seccomp.flags[0]',
    'LOG',
    `one of ${SECCOMP_FLAGS.join(', ')}`,
  ],
  [
    'an unknown seccomp operator',
    (s) => {
      const args = [{ index: 0, value: 1, op: '==' }];
      const syscalls = [{ names: ['ptrace'], action: 'SCMP_ACT_ERRNO', args }];
      s.linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW', syscalls };
    },
    'linux.seccomp.syscalls[0].args[0].op',
    '==',
    `one of ${SECCOMP_OPERATORS.join(', ')}`,
  ],
  [
    'a seventh system call argument',
    (s) => {
      const args = [{ index: 6, value: 1, op: 'SCMP_CMP_EQ' }];
      const syscalls = [{ names: ['ptrace'], action: 'SCMP_ACT_ERRNO', args }];
      s.linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW', syscalls };
    },
    'linux.seccomp.syscalls[0].args[0].index',
    6,
    'an integer from 0 to 5',
  ],
];
