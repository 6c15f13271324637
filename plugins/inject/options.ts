import { checkQualifiedName } from './names.ts';

export interface Options {
  /** Absolute paths. Later directories take precedence. */
  directories: readonly string[];
  /** Qualified names of devices for every container. */
  devices: readonly string[];
  /** Whether containers can request devices by annotations. */
  annotations: boolean;
  /** Whether bind mounts are mapped to the ids of a container's user namespace. */
  idMap: boolean;
}

export function readOptions(given: unknown): Options {
  const {
    directories = ['/etc/cdi', '/var/run/cdi'],
    devices = [],
    annotations = true,
    idMap = true,
    ...others
  } = (given ?? {}) as Partial<Options>;
  for (const name of Object.keys(others))
    fail(name, 'one of directories, devices, annotations, idMap');
  const absolute = (path: unknown) => typeof path === 'string' && path.startsWith('/');
  if (!Array.isArray(directories) || !directories.every(absolute)) {
    fail('directories', 'a list of absolute paths');
  }
  if (!Array.isArray(devices)) fail('devices', 'a list of vendor/class=name');
  for (const [i, name] of devices.entries()) checkQualifiedName(name, `devices[${i}]`);
  if (typeof annotations !== 'boolean') fail('annotations', 'true or false');
  if (typeof idMap !== 'boolean') fail('idMap', 'true or false');
  return { directories, devices, annotations, idMap };
}

function fail(what: string, expected: string): never {
  throw new Error(`${what}: expected ${expected}`);
}
