import type { DeviceRule, Hooks, Linux, Process, Spec } from '../../config/types.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';
import type { AdjustableField, AdjustedDevice } from './adjustments.ts';
import { mergeLeaves } from './leaves.ts';
import { setMounts } from './mounts.ts';
import { replaceByKey } from './replace-by-key.ts';

/** How one field of a plugin's adjustments is applied to the configuration, which is a copy. */
interface Field {
  /** True: each key is claimed by itself. `leaves`: each leaf is. False: the value as a whole. */
  keyed: boolean | 'leaves';
  /** The value is added to the existing ones, so no plugin claims the field. */
  added?: true;
  apply(spec: Spec, value: never): void;
}

type Keyed = Record<string, unknown>;

/** Every field that can be adjusted. */
export const fields: Readonly<Record<AdjustableField, Field>> = {
  args: whole(processOf, 'args'),
  env: {
    keyed: true,
    apply: (spec, value: Record<string, string | null>) =>
      replaceByKey(processOf(spec), 'env', value, {
        key: (variable: string) => variable.slice(0, variable.indexOf('=')),
        make: (name, text) => `${name}=${text}`,
      }),
  },
  rlimits: {
    keyed: true,
    apply: (spec, value: Keyed) => byProperty(processOf(spec), 'rlimits', 'type', value),
  },
  oomScoreAdj: whole(processOf, 'oomScoreAdj'),
  additionalGids: { keyed: false, added: true, apply: addGids },
  scheduler: whole(processOf, 'scheduler'),
  ioPriority: whole(processOf, 'ioPriority'),
  mounts: { keyed: true, apply: setMounts },
  hooks: { keyed: true, added: true, apply: addHooks },
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
  cgroupsPath: whole(linux, 'cgroupsPath'),
  resources: {
    keyed: 'leaves',
    apply: (spec, value: Keyed) => mergeLeaves(linux(spec), 'resources', value),
  },
  seccomp: whole(linux, 'seccomp'),
  intelRdt: whole(linux, 'intelRdt'),
  memoryPolicy: whole(linux, 'memoryPolicy'),
};

/** A field that is replaced, or removed by null, as a whole. */
function whole(ownerOf: (spec: Spec) => object, name: string): Field {
  return { keyed: false, apply: (spec, value: unknown) => set(ownerOf(spec), name, value) };
}

function processOf({ process }: Spec): Process {
  if (process) return process;
  throw new RuntimeError('config.json has no process to adjust');
}

function linux(spec: Spec): Linux {
  spec.linux ??= {};
  return spec.linux;
}

function set(owner: object, name: string, value: unknown): void {
  if (value === null) delete (owner as Keyed)[name];
  else (owner as Keyed)[name] = value;
}

/** Changes a list whose entries have one property as their key. */
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

/** Adds rules with the nodes: the cgroup refuses a device that no rule allows. */
function setDevices(spec: Spec, value: Record<string, AdjustedDevice | null>): void {
  const nodes: Keyed = {};
  const rules: DeviceRule[] = [];
  for (const [path, device] of Object.entries(value)) {
    const { access = 'rwm', ...node } = device ?? {};
    nodes[path] = device && node;
    rules.push(...ruleFor(device, access));
  }
  byProperty(linux(spec), 'devices', 'path', nodes);
  if (rules.length === 0) return;
  const { resources = {} } = linux(spec);
  linux(spec).resources = { ...resources, devices: [...(resources.devices ?? []), ...rules] };
}

/** A FIFO needs no rule. */
function ruleFor(device: AdjustedDevice | null, access: string): DeviceRule[] {
  if (device === null || device.type === 'p' || access === '') return [];
  const { type, major, minor } = device;
  return [
    {
      allow: true,
      type: type === 'u' ? 'c' : type,
      access,
      ...(major !== undefined && { major }),
      ...(minor !== undefined && { minor }),
    },
  ];
}

/** A value that is not a list stays: the validation of the whole configuration refuses it. */
function addGids(spec: Spec, value: number[]): void {
  const { user } = processOf(spec);
  const { additionalGids: own = [] } = user;
  user.additionalGids = Array.isArray(value) ? [...new Set([...own, ...value])] : value;
}

function addHooks(spec: Spec, value: Hooks): void {
  const merged: Record<string, unknown> = { ...spec.hooks };
  for (const [name, added] of Object.entries(value)) {
    const own = merged[name];
    merged[name] = Array.isArray(own) && Array.isArray(added) ? [...own, ...added] : added;
  }
  spec.hooks = merged as Hooks;
}
