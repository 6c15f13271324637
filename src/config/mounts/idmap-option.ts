import { isObject } from '../is-object.ts';
import type { IDMapping } from '../types.ts';

type Field = 'uidMappings' | 'gidMappings';

/** The field of a mount, and of `linux`, for each part of the option. */
const FIELDS: Readonly<Record<string, Field>> = { uids: 'uidMappings', gids: 'gidMappings' };

/** True for `idmap=…` or `ridmap=…`: crun's options for a mount's own mappings. */
export const isIdmapWithRanges = (option: unknown): option is string =>
  typeof option === 'string' && (option.startsWith('idmap=') || option.startsWith('ridmap='));

/** The expectation in the error for an option that {@link translateIdmapOptions} could not read. */
export const IDMAP_FORM =
  'a form such as idmap=uids=0-1000-1#1-3000-10;gids=@0-0-5: the first id in the file system, the ' +
  'first on the host (with @ in the container, where linux maps it), and how many';

/**
 * Replaces such options of `spec.mounts` by `idmap` or `ridmap`, and by the runtime-spec's
 * mappings, unless the mount has mappings. If only uids or gids are given, the container's mappings
 * hold for the others, as in Podman. `spec` is not validated yet: malformed options are left for
 * validation.
 */
export function translateIdmapOptions(spec: unknown): void {
  if (!isObject(spec) || !Array.isArray(spec.mounts)) return;
  const linux = isObject(spec.linux) ? spec.linux : {};
  for (const mount of spec.mounts) {
    if (!isObject(mount) || !Array.isArray(mount.options)) continue;
    const index = mount.options.findIndex(isIdmapWithRanges);
    if (index >= 0) translate(mount, mount.options, index, linux);
  }
}

function translate(
  mount: Record<string, unknown>,
  options: unknown[],
  index: number,
  linux: Record<string, unknown>,
): void {
  const [name, ranges] = cut(options[index] as string, '=');
  const read = readMappings(ranges, linux);
  if (!read) return;
  options[index] = name;
  if (mount.uidMappings || mount.gidMappings || Object.keys(read).length === 0) return;
  for (const field of Object.values(FIELDS)) {
    const mappings = read[field] ?? linux[field];
    if (mappings) mount[field] = mappings;
  }
}

/** Reads `uids=…;gids=…`; undefined when it is malformed. */
function readMappings(
  text: string,
  linux: Record<string, unknown>,
): Partial<Record<Field, IDMapping[]>> | undefined {
  const read: Partial<Record<Field, IDMapping[]>> = {};
  for (const part of text.split(';').filter(Boolean)) {
    const [kind, ranges] = cut(part, '=');
    const field = Object.hasOwn(FIELDS, kind) ? FIELDS[kind]! : undefined;
    const mappings = field && ranges.split('#').map((range) => readRange(range, linux[field]));
    if (!mappings?.every((mapping) => mapping !== undefined)) return undefined;
    read[field!] = mappings;
  }
  return read;
}

/** Reads `0-1000-10`. In `@0-0-10` the second number is an id in the container. */
function readRange(range: string, containers: unknown): IDMapping | undefined {
  const [, relative, ...numbers] = /^(@?)(\d+)-(\d+)-(\d+)$/.exec(range) ?? [];
  if (numbers.length === 0) return undefined;
  const [containerID, hostID, size] = numbers.map(Number) as [number, number, number];
  if (!relative) return { containerID, hostID, size };
  const around = (Array.isArray(containers) ? (containers as IDMapping[]) : []).find(
    (mapping) => hostID >= mapping?.containerID && hostID < mapping.containerID + mapping.size,
  );
  return around && { containerID, hostID: hostID - around.containerID + around.hostID, size };
}

function cut(text: string, separator: string): [before: string, after: string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
