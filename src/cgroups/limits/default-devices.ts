import type { Device, DeviceRule } from '../../config/types.ts';

interface DefaultDevice extends DeviceRule {
  /** The device's node, if every container has it. */
  path?: string;
}

const rwm = (major: number, minor: number | undefined, path?: string): DefaultDevice => ({
  allow: true,
  type: 'c',
  major,
  ...(minor === undefined ? {} : { minor }),
  access: 'rwm',
  ...(path === undefined ? {} : { path }),
});

/** Rules that every container gets: AllowedDevices of runc's libcontainer/specconv. */
const DEFAULT_DEVICES: readonly DefaultDevice[] = [
  { allow: true, type: 'c', access: 'm' },
  { allow: true, type: 'b', access: 'm' },
  rwm(1, 3, '/dev/null'),
  rwm(1, 8, '/dev/random'),
  rwm(1, 7, '/dev/full'),
  rwm(5, 0, '/dev/tty'),
  rwm(1, 5, '/dev/zero'),
  rwm(1, 9, '/dev/urandom'),
  rwm(136, undefined), // /dev/pts/*
  rwm(5, 2), // /dev/ptmx
  rwm(10, 200), // /dev/net/tun
];

/** The default rules, except those for nodes that linux.devices defines itself. */
export function defaultRules(devices: readonly Device[] = []): readonly DeviceRule[] {
  if (devices.length === 0) return DEFAULT_DEVICES;
  const defined = new Set<string | undefined>(devices.map((device) => device.path));
  return DEFAULT_DEVICES.filter(({ path }) => path === undefined || !defined.has(path));
}
