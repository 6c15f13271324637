import type { LinuxResources } from '../../config/types.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { atField } from '../../errors/stage-error.ts';
import type { ApplyOptions } from '../cgroup.ts';
import { readFile, writeLines } from '../files.ts';
import { defaultRules } from '../limits/default-devices.ts';
import {
  type DeviceException,
  DevicePolicy,
  formatException,
  WILDCARD,
} from '../limits/device-policy.ts';

/** Files of the devices controller and the entries to write to each, in order. */
type DeviceWrites = { file: 'devices.allow' | 'devices.deny'; entries: string[] }[];

/** Makes the cgroup's policy the one of `resources` and the default devices. */
export function applyDevices(dir: string, resources: LinuxResources, options: ApplyOptions): void {
  atField('linux.resources.devices', () => {
    const target = DevicePolicy.of(resources.devices ?? [], defaultRules(options.devices));
    for (const { file, entries } of transition(
      parseDeviceList(readFile(dir, 'devices.list')),
      target,
    )) {
      writeLines(dir, file, entries);
    }
    verify(parseDeviceList(readFile(dir, 'devices.list')), target);
  });
}

/** devices.list as a policy. When it allows by default, the file does not list the exceptions. */
export function parseDeviceList(list: string): DevicePolicy {
  const policy = new DevicePolicy();
  for (const line of list.split('\n')) {
    const [type, numbers, access] = line.split(' ');
    if (access === undefined) continue;
    const [major, minor] = numbers!.split(':');
    policy.add({
      allow: true,
      type: type as 'a' | 'b' | 'c',
      major: major === '*' ? WILDCARD : Number(major),
      minor: minor === '*' ? WILDCARD : Number(minor),
      access,
    });
  }
  return policy;
}

/** The writes from one policy to another. Devices that both allow stay allowed, where possible. */
export function transition(current: DevicePolicy, target: DevicePolicy): DeviceWrites {
  // The exceptions of a policy that allows by default cannot be read back, so it is set anew.
  const anew = current.defaultAllow || current.defaultAllow !== target.defaultAllow;
  const except = target.defaultAllow ? 'devices.deny' : 'devices.allow';
  const rule = target.defaultAllow ? 'devices.allow' : 'devices.deny';
  const old = anew ? [] : current.exceptions;
  const dropped = entries(old, (one) => one.access & ~target.accessOf(one));
  const gained = entries(target.exceptions, (one) =>
    anew ? one.access : one.access & ~current.accessOf(one),
  );
  return [
    { file: rule, entries: anew ? ['a *:* rwm'] : dropped },
    { file: except, entries: gained },
  ].filter((write) => write.entries.length > 0) as DeviceWrites;
}

const entries = (list: DeviceException[], access: (one: DeviceException) => number): string[] =>
  list
    .map((one) => ({ ...one, access: access(one) }))
    .filter((one) => one.access !== 0)
    .map(formatException);

function verify(result: DevicePolicy, target: DevicePolicy): void {
  if (result.defaultAllow !== target.defaultAllow) {
    throw new RuntimeError("resulting devices cgroup doesn't match target mode");
  }
  if (!target.defaultAllow && !result.equals(target)) {
    throw new RuntimeError("resulting devices cgroup doesn't precisely match target");
  }
}
