import type { Device, DeviceRule, Hooks, Linux, Spec } from '../../config/types.ts';
import type { AdjustableField } from './adjustments.ts';
import { mergeLeaves } from './leaves.ts';
import { replaceByKey } from './replace-by-key.ts';

/** How one field of a plugin's adjustments gets into the configuration, a copy that may be changed. */
interface Field {
  /** Each key is a field of its own: of the others' values, all of it. */
  keyed: boolean | 'leaves' | 'added';
  apply(spec: Spec, value: never): void;
}

type Keyed = Record<string, unknown>;

/** Every field that can be adjusted. */
export const fields: Readonly<Record<AdjustableField, Field>> = {
  args: { keyed: false, apply: (spec, value: string[]) => set(spec.process!, 'args', value) },
  env: {
    keyed: true,
    apply: (spec, value: Record<string, string | null>) =>
      replaceByKey(spec.process!, 'env', value, {
        key: (variable: string) => variable.slice(0, variable.indexOf('=')),
        make: (name, text) => `${name}=${text}`,
      }),
  },
  rlimits: {
    keyed: true,
    apply: (spec, value: Keyed) => byProperty(spec.process!, 'rlimits', 'type', value),
  },
  oomScoreAdj: {
    keyed: false,
    apply: (spec, value: number | null) => set(spec.process!, 'oomScoreAdj', value),
  },
  mounts: {
    keyed: true,
    apply: (spec, value: Keyed) => byProperty(spec, 'mounts', 'destination', value),
  },
  hooks: { keyed: 'added', apply: addHooks },
  annotations: {
    keyed: true,
    apply: (spec, value: Keyed) => mergeLeaves(spec, 'annotations', value),
  },
  devices: { keyed: true, apply: setDevices },
  netDevices: {
    keyed: true,
    apply: (spec, value: Keyed) => replaceProperties(linux(spec), 'netDevices', value),
  },
  namespaces: {
    keyed: true,
    apply: (spec, value: Keyed) => byProperty(linux(spec), 'namespaces', 'type', value),
  },
  sysctl: { keyed: true, apply: (spec, value: Keyed) => mergeLeaves(linux(spec), 'sysctl', value) },
  cgroupsPath: {
    keyed: false,
    apply: (spec, value: string | null) => set(linux(spec), 'cgroupsPath', value),
  },
  resources: {
    keyed: 'leaves',
    apply: (spec, value: Keyed) => mergeLeaves(linux(spec), 'resources', value),
  },
  seccomp: {
    keyed: false,
    apply: (spec, value: object | null) => set(linux(spec), 'seccomp', value),
  },
};

function linux(spec: Spec): Linux {
  spec.linux ??= {};
  return spec.linux;
}

function set(owner: object, name: string, value: unknown): void {
  if (value === null) delete (owner as Keyed)[name];
  else (owner as Keyed)[name] = value;
}

/** Entries of a list that are told apart by one of their properties. */
function byProperty(owner: object, list: string, property: string, value: Keyed): void {
  replaceByKey(owner, list, value, {
    key: (entry: Keyed) => String(entry[property]),
    make: (key, rest) => ({ [property]: key, ...(rest as object) }),
  });
}

function replaceProperties(owner: object, name: string, value: Keyed): void {
  const merged: Keyed = { ...((owner as Keyed)[name] as Keyed | undefined) };
  for (const [key, part] of Object.entries(value)) set(merged, key, part);
  (owner as Keyed)[name] = merged;
}

/** A node alone would be of no use: the cgroup refuses what no rule allows. */
function setDevices(spec: Spec, value: Record<string, Omit<Device, 'path'> | null>): void {
  byProperty(linux(spec), 'devices', 'path', value);
  const rules = Object.values(value).flatMap((device) => ruleFor(device) ?? []);
  if (rules.length === 0) return;
  const { resources = {} } = linux(spec);
  linux(spec).resources = { ...resources, devices: [...(resources.devices ?? []), ...rules] };
}

/** A FIFO needs none. */
function ruleFor(device: Omit<Device, 'path'> | null): DeviceRule | undefined {
  if (device === null || device.type === 'p') return undefined;
  const { type, major, minor } = device;
  return {
    ...{ allow: true, type: type === 'u' ? 'c' : type, access: 'rwm' },
    ...(major !== undefined && { major }),
    ...(minor !== undefined && { minor }),
  };
}

function addHooks(spec: Spec, value: Hooks): void {
  const merged: Record<string, unknown> = { ...spec.hooks };
  for (const [name, added] of Object.entries(value)) {
    const own = merged[name];
    merged[name] = Array.isArray(own) && Array.isArray(added) ? [...own, ...added] : added;
  }
  spec.hooks = merged as Hooks;
}
