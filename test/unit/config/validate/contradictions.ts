import { type Anything, type BadConfig, inUserNamespace } from './valid-spec.ts';

const without = (spec: Anything, type: string) => {
  spec.linux.namespaces = spec.linux.namespaces.filter((n: Anything) => n.type !== type);
};
const mapping = (containerID: number, hostID: number, size: number) => ({
  containerID,
  hostID,
  size,
});

/** Fields that are valid by themselves and contradict each other. */
export const BAD_COMBINATIONS: BadConfig[] = [
  [
    'a hostname without a uts namespace',
    (s) => without(s, 'uts'),
    'hostname',
    'davit',
    'no hostname, or a uts namespace in linux.namespaces',
  ],
  [
    'a domainname without a uts namespace',
    (s) => {
      without(s, 'uts');
      delete s.hostname;
      s.domainname = 'example.org';
    },
    'domainname',
    'example.org',
    'no domainname, or a uts namespace in linux.namespaces',
  ],
  [
    'masked paths without a mount namespace',
    (s) => {
      without(s, 'mount');
      s.linux.readonlyPaths = [];
      s.linux.maskedPaths = ['/proc/keys'];
    },
    'linux.maskedPaths',
    ['/proc/keys'],
    'no paths, or a mount namespace in linux.namespaces',
  ],
  [
    'mappings without a user namespace',
    (s) => (s.linux.uidMappings = [mapping(0, 1000, 1)]),
    'linux.uidMappings',
    [mapping(0, 1000, 1)],
    'no mappings, or a user namespace in linux.namespaces',
  ],
  [
    'a user namespace without gid mappings',
    (s) => {
      inUserNamespace(s);
      delete s.linux.gidMappings;
    },
    'linux.gidMappings',
    undefined,
    'at least one mapping, as there is a new user namespace',
  ],
  [
    'mappings without root',
    (s) => {
      inUserNamespace(s);
      s.linux.uidMappings = [mapping(1, 1000, 1)];
    },
    'linux.uidMappings',
    [mapping(1, 1000, 1)],
    'a mapping of id 0: the mounts and devices belong to it',
  ],
  [
    'an empty mapping',
    (s) => {
      inUserNamespace(s);
      s.linux.uidMappings[0].size = 0;
    },
    'linux.uidMappings[0].size',
    0,
    'an integer from 1 to 4294967295',
  ],
  [
    'a mapping beyond the last id',
    (s) => {
      inUserNamespace(s);
      s.linux.uidMappings[0] = mapping(0, 4294967290, 10);
    },
    'linux.uidMappings[0].size',
    10,
    'at most 6, as ids end at 4294967295',
  ],
  [
    'overlapping mappings',
    (s) => {
      inUserNamespace(s);
      s.linux.gidMappings = [mapping(0, 1000, 10), mapping(5, 3000, 10)];
    },
    'linux.gidMappings[1].containerID',
    5,
    'a range that no other mapping overlaps',
  ],
  [
    'a process whose uid is not mapped',
    (s) => {
      inUserNamespace(s);
      s.process.user.uid = 1000;
    },
    'process.user.uid',
    1000,
    'an id that linux.uidMappings maps',
  ],
  [
    'time offsets without a time namespace',
    (s) => (s.linux.timeOffsets = { boottime: { secs: 1 } }),
    'linux.timeOffsets',
    { boottime: { secs: 1 } },
    'no offsets, or a time namespace in linux.namespaces',
  ],
  [
    'time offsets in a joined time namespace',
    (s) => {
      s.linux.namespaces.push({ type: 'time', path: '/proc/1/ns/time' });
      s.linux.timeOffsets = { boottime: { secs: 1 } };
    },
    'linux.timeOffsets',
    { boottime: { secs: 1 } },
    'no offsets, as the time namespace /proc/1/ns/time is joined',
  ],
  [
    'network devices without a network namespace',
    (s) => {
      without(s, 'network');
      s.linux.netDevices = { eth0: {} };
    },
    'linux.netDevices',
    { eth0: {} },
    'no devices, or a network namespace in linux.namespaces',
  ],
  [
    'a sysctl of the whole host',
    (s) => (s.linux.sysctl = { 'vm.swappiness': '1' }),
    'linux.sysctl["vm.swappiness"]',
    '1',
    'a sysctl of an ipc, network, user or uts namespace',
  ],
  [
    'a sysctl that climbs out',
    (s) => (s.linux.sysctl = { 'net/../vm/swappiness': '1' }),
    'linux.sysctl["net/../vm/swappiness"]',
    '1',
    'a sysctl of an ipc, network, user or uts namespace',
  ],
  [
    'a net. sysctl without a network namespace',
    (s) => {
      without(s, 'network');
      s.linux.sysctl = { 'net.ipv4.ip_forward': '1' };
    },
    'linux.sysctl["net.ipv4.ip_forward"]',
    '1',
    'no such sysctl, or a network namespace in linux.namespaces',
  ],
  [
    'an ipc sysctl without an ipc namespace',
    (s) => {
      without(s, 'ipc');
      s.linux.sysctl = { 'kernel.msgmax': '1' };
    },
    'linux.sysctl["kernel.msgmax"]',
    '1',
    'no such sysctl, or an ipc namespace in linux.namespaces',
  ],
  [
    'the hostname as a sysctl',
    (s) => (s.linux.sysctl = { 'kernel/hostname': 'a' }),
    'linux.sysctl["kernel/hostname"]',
    'a',
    'no such sysctl: hostname is the field for it',
  ],
  [
    'an idmapped mount without mappings or a user namespace',
    (s) => s.mounts.push({ destination: '/a', source: '/a', options: ['bind', 'idmap'] }),
    'mounts[7].options',
    ['bind', 'idmap'],
    'uidMappings and gidMappings, or a user namespace in linux.namespaces',
  ],
  [
    'notification without a listener',
    (s) => {
      const syscalls = [{ names: ['mkdir'], action: 'SCMP_ACT_NOTIFY' }];
      s.linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW', syscalls };
    },
    'linux.seccomp.listenerPath',
    undefined,
    'a socket, as SCMP_ACT_NOTIFY is used',
  ],
  [
    'notification by default',
    (s) => (s.linux.seccomp = { defaultAction: 'SCMP_ACT_NOTIFY', listenerPath: '/run/s' }),
    'linux.seccomp.defaultAction',
    'SCMP_ACT_NOTIFY',
    'another action: SCMP_ACT_NOTIFY cannot be used as default action',
  ],
];
