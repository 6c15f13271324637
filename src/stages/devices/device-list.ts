import type { Device, Spec } from '../../config/types.ts';

const character = (path: string, major: number, minor: number): Device => ({
  path,
  type: 'c',
  major,
  minor,
  fileMode: 0o666,
});

/** The devices of every container: config-linux.md, "Default Devices"; numbers from devices.txt. */
const DEFAULT_DEVICES: readonly Device[] = [
  character('/dev/null', 1, 3),
  character('/dev/random', 1, 8),
  character('/dev/full', 1, 7),
  character('/dev/tty', 5, 0),
  character('/dev/zero', 1, 5),
  character('/dev/urandom', 1, 9),
];

export interface ListedDevice extends Device {
  /** The field of config.json, for errors; absent for a default device. */
  configPath?: string;
}

/** The default devices that config.json does not list, then the devices that it lists. */
export function deviceList({ linux }: Spec): ListedDevice[] {
  const listed = linux?.devices ?? [];
  const paths = new Set(listed.map(({ path }) => path));
  return [
    ...DEFAULT_DEVICES.filter(({ path }) => !paths.has(path)),
    ...listed.map((device, index) => ({ ...device, configPath: `linux.devices[${index}]` })),
  ];
}
