import { HOOK_NAMES } from 'davit/plugin';
import type {
  CdiDevice,
  CdiHook,
  CdiMount,
  CdiSpec,
  ContainerEdits,
  DeviceNode,
  IntelRdt,
} from './cdi.ts';
import {
  absolutePath,
  boolean,
  type Check,
  integer,
  list,
  matching,
  needsVersion,
  object,
  optional,
  required,
  text,
  texts,
  uint32,
} from './check.ts';
import { DEVICE_NAME, KIND } from './names.ts';

const variable = matching(/^[^=\0]+=[^\0]*$/, 'NAME=value');

const deviceNode = object<DeviceNode>({
  path: required(absolutePath),
  hostPath: optional(absolutePath, '0.5.0'),
  type: optional(matching(/^[bcup]$/, 'b, c, u or p')),
  major: optional(uint32),
  minor: optional(uint32),
  fileMode: optional(integer(0o7777)),
  permissions: optional(
    matching(/^([rwm]{0,3}|none)$/, 'letters of r, w and m, or an empty string'),
  ),
  uid: optional(uint32),
  gid: optional(uint32),
});

const mount = object<CdiMount>({
  hostPath: required(text),
  containerPath: required(absolutePath),
  options: optional(list(text)),
  type: optional(text, '0.4.0'),
});

const hook = object<CdiHook>({
  hookName: required(
    matching(new RegExp(`^(${HOOK_NAMES.join('|')})$`), `one of ${HOOK_NAMES.join(', ')}`),
  ),
  path: required(absolutePath),
  args: optional(list((value, place) => (value === '' ? '' : text(value, place)))),
  env: optional(list(variable)),
  timeout: optional(uint32),
});

const closID: Check<string> = matching(/^(\/|(?!\.\.?$)[^/\n]{1,4095})$/, "a file name, or '/'");

const intelRdt = object<IntelRdt>({
  closID: optional(closID),
  l3CacheSchema: optional(text),
  memBwSchema: optional(text),
  schemata: optional(list(text), '1.1.0'),
  enableMonitoring: optional(boolean, '1.1.0'),
});

const netDevice = object<{ hostInterfaceName: string; name: string }>({
  hostInterfaceName: required(text),
  name: required(text),
});

const netDevices: Check<ContainerEdits['netDevices']> = (value, place) => {
  const devices = list(netDevice)(value, place);
  for (const key of ['hostInterfaceName', 'name'] as const) {
    for (const [i, device] of devices.entries()) {
      if (devices.findIndex((other) => other[key] === device[key]) === i) continue;
      place.at(i).at(key).refuse('each item only once', device[key]);
    }
  }
  return devices;
};

const containerEdits = object<ContainerEdits>({
  env: optional(list(variable)),
  deviceNodes: optional(list(deviceNode)),
  netDevices: optional(netDevices, '1.1.0'),
  hooks: optional(list(hook)),
  mounts: optional(list(mount)),
  intelRdt: optional(intelRdt, '0.7.0'),
  additionalGids: optional(list(uint32), '0.7.0'),
});

const someEdits: Check<ContainerEdits> = (value, place) => {
  const edits = containerEdits(value, place);
  const some = Object.values(edits).some((part) => !Array.isArray(part) || part.length > 0);
  return some ? edits : place.refuse('at least one edit', value);
};

const deviceName: Check<string> = (value, place) => {
  const name = matching(DEVICE_NAME, 'letters and digits, with -_.: between them')(value, place);
  if (/^\d/.test(name)) needsVersion('0.5.0', place);
  return name;
};

const kind: Check<string> = (value, place) => {
  const name = matching(KIND, 'vendor/class, of letters, digits and -_.')(value, place);
  if (name.split('/')[1]!.includes('.')) needsVersion('0.6.0', place);
  return name;
};

const devices: Check<CdiDevice[]> = (value, place) => {
  const all = list(
    object<CdiDevice>({
      name: required(deviceName),
      annotations: optional(texts, '0.6.0'),
      containerEdits: required(someEdits),
    }),
  )(value, place);
  if (all.length === 0) place.refuse('at least one device', value);
  for (const [i, { name }] of all.entries()) {
    if (all.findIndex((other) => other.name === name) === i) continue;
    place.at(i).at('name').refuse('each name only once', name);
  }
  return all;
};

/** A CDI file's contents. */
export const cdiSpec = object<CdiSpec>({
  cdiVersion: required(text),
  kind: required(kind),
  annotations: optional(texts, '0.6.0'),
  devices: required(devices),
  containerEdits: optional(containerEdits),
});
