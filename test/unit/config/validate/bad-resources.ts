import type { BadConfig } from './valid-spec.ts';

const UINT64 = 'an integer from 0 to 18446744073709551615';
const BYTES = 'an integer from -1 to 9223372036854775807';

/** Mistakes in `linux.resources`. */
export const BAD_RESOURCES: BadConfig[] = [
  [
    'a device rule without access',
    (s) => delete s.linux.resources.devices[0].access,
    'linux.resources.devices[0].access',
    undefined,
    'letters of r, w and m',
  ],
  [
    'a device rule with unknown access',
    (s) => (s.linux.resources.devices[0].access = 'rx'),
    'linux.resources.devices[0].access',
    'rx',
    'letters of r, w and m',
  ],
  [
    'a device rule of another type',
    (s) => (s.linux.resources.devices[0].type = 'p'),
    'linux.resources.devices[0].type',
    'p',
    'one of a, b, c',
  ],
  [
    'a memory limit with a unit',
    (s) => (s.linux.resources.memory = { limit: '64M' }),
    'linux.resources.memory.limit',
    '64M',
    BYTES,
  ],
  [
    'a memory limit below -1',
    (s) => (s.linux.resources.memory = { reservation: -2 }),
    'linux.resources.memory.reservation',
    -2,
    BYTES,
  ],
  [
    'swap below the memory limit',
    (s) => (s.linux.resources.memory = { limit: 2000, swap: 1000 }),
    'linux.resources.memory.swap',
    1000,
    'at least memory.limit, 2000: it is memory and swap together',
  ],
  [
    'a swappiness above 100',
    (s) => (s.linux.resources.memory = { swappiness: 101 }),
    'linux.resources.memory.swappiness',
    101,
    'an integer from 0 to 100',
  ],
  [
    'negative shares',
    (s) => (s.linux.resources.cpu = { shares: -1 }),
    'linux.resources.cpu.shares',
    -1,
    UINT64,
  ],
  [
    'a burst above the quota',
    (s) => (s.linux.resources.cpu = { quota: 1000, burst: 2000 }),
    'linux.resources.cpu.burst',
    2000,
    'at most cpu.quota, 1000',
  ],
  [
    'a pids limit as a string',
    (s) => (s.linux.resources.pids = { limit: 'max' }),
    'linux.resources.pids.limit',
    'max',
    'an integer from -9223372036854775808 to 9223372036854775807',
  ],
  [
    'a weight of 5',
    (s) => (s.linux.resources.blockIO = { weight: 5 }),
    'linux.resources.blockIO.weight',
    5,
    'an integer from 10 to 1000',
  ],
  [
    'a throttle without a rate',
    (s) => (s.linux.resources.blockIO = { throttleReadBpsDevice: [{ major: 8, minor: 0 }] }),
    'linux.resources.blockIO.throttleReadBpsDevice[0].rate',
    undefined,
    UINT64,
  ],
  [
    'a huge page size with a path',
    (s) => (s.linux.resources.hugepageLimits = [{ pageSize: '../2MB', limit: 0 }]),
    'linux.resources.hugepageLimits[0].pageSize',
    '../2MB',
    'a size such as 64KB, 2MB or 1GB',
  ],
  [
    'a class id of 33 bits',
    (s) => (s.linux.resources.network = { classID: 2 ** 32 }),
    'linux.resources.network.classID',
    2 ** 32,
    'an integer from 0 to 4294967295',
  ],
  [
    'rdma limits as a number',
    (s) => (s.linux.resources.rdma = { mlx5_1: 3 }),
    'linux.resources.rdma.mlx5_1',
    3,
    'an object',
  ],
  [
    'a unified name with a path',
    (s) => (s.linux.resources.unified = { '../memory.max': '1' }),
    'linux.resources.unified["../memory.max"]',
    '../memory.max',
    'the name of a cgroup v2 file, such as memory.high',
  ],
];
