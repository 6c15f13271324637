import { existsSync } from 'node:fs';
import type { Adjustments } from 'davit/plugin';
import type { CdiMount, ContainerEdits, IntelRdt } from './cdi.ts';
import { deviceOf } from './device-node.ts';
import { Place } from './place.ts';
import type { FoundDevice } from './registry.ts';

/** The properties of the container that edits depend on. */
export interface EditTarget {
  user: { uid: number; gid: number };
  /** True when its user namespace has id mappings, which bind mounts then need as well. */
  idMapped: boolean;
}

interface Collected {
  env: Record<string, string>;
  mounts: NonNullable<Adjustments['mounts']>;
  devices: NonNullable<Adjustments['devices']>;
  netDevices: NonNullable<Adjustments['netDevices']>;
  hooks: NonNullable<Adjustments['hooks']>;
  additionalGids: number[];
  intelRdt?: IntelRdt;
}

/** The adjustments for the devices: each file's own edits once, then each device's. */
export function adjustmentsFor(devices: readonly FoundDevice[], target: EditTarget): Adjustments {
  const all: Collected = {
    env: {},
    mounts: {},
    devices: {},
    netDevices: {},
    hooks: {},
    additionalGids: [],
  };
  const files = new Set<string>();
  for (const { file, spec, device, path } of devices) {
    const name = `${spec.kind}=${device.name}: ${file}`;
    const place = new Place(name).at('containerEdits');
    if (!files.has(file) && spec.containerEdits) addEdits(all, spec.containerEdits, target, place);
    files.add(file);
    addEdits(all, device.containerEdits, target, new Place(name).at(path).at('containerEdits'));
  }
  const some = Object.entries(all).filter(([, part]) => Object.keys(part).length > 0);
  return Object.fromEntries(some);
}

/** A later edit replaces an earlier one of the same thing. */
function addEdits(
  all: Collected,
  edits: ContainerEdits,
  { user, idMapped }: EditTarget,
  place: Place,
): void {
  for (const variable of edits.env ?? []) {
    const at = variable.indexOf('=');
    all.env[variable.slice(0, at)] = variable.slice(at + 1);
  }
  for (const [i, node] of (edits.deviceNodes ?? []).entries()) {
    all.devices[node.path] = deviceOf(node, user, place.at('deviceNodes').at(i));
  }
  for (const [i, mount] of (edits.mounts ?? []).entries()) {
    all.mounts[mount.containerPath] = mountOf(mount, idMapped, place.at('mounts').at(i));
  }
  for (const { hostInterfaceName, name } of edits.netDevices ?? []) {
    all.netDevices[hostInterfaceName] = { name };
  }
  for (const { hookName, ...hook } of edits.hooks ?? []) {
    all.hooks[hookName] = [...(all.hooks[hookName] ?? []), hook];
  }
  // Leaves out 0: Go writes it for an absent gid, and it is no additional group.
  all.additionalGids.push(...(edits.additionalGids ?? []).filter((gid) => gid !== 0));
  if (edits.intelRdt) all.intelRdt = edits.intelRdt;
}

function mountOf({ hostPath, type, options = [] }: CdiMount, idMapped: boolean, place: Place) {
  const binds = type === 'bind' || options.some((option) => /^r?bind$/.test(option));
  if (binds && !existsSync(hostPath)) {
    throw new Error(`${place.at('hostPath')}: ${hostPath} does not exist on the host`);
  }
  const all = binds && idMapped ? withIdMap(options) : options;
  return { source: hostPath, ...(type && { type }), ...(all.length > 0 && { options: all }) };
}

/** As in CDI's own library, which engines use. */
function withIdMap(options: readonly string[]): string[] {
  if (options.includes('idmap') || options.includes('ridmap')) return [...options];
  return [...options, options.includes('rbind') ? 'ridmap' : 'idmap'];
}
