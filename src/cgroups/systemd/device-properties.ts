import type { LinuxResources } from '../../config/types.ts';
import { atField } from '../../errors/stage-error.ts';
import type { ApplyOptions } from '../cgroup.ts';
import { defaultRules } from '../limits/default-devices.ts';
import {
  accessLetters,
  type DeviceException,
  DevicePolicy,
  WILDCARD,
} from '../limits/device-policy.ts';
import { property, type UnitProperty } from './property.ts';

/**
 * DeviceAllow and DevicePolicy. They never allow more than the container may use. Rules that
 * systemd cannot express are missing here; davit then sets all rules itself.
 */
export function deviceProperties(
  { devices = [] }: LinuxResources,
  options: ApplyOptions,
): UnitProperty[] {
  const policy = atField('linux.resources.devices', () =>
    DevicePolicy.of(devices, defaultRules(options.devices)),
  );
  // An empty list comes first and clears the unit's list: systemd appends other lists.
  const cleared = property('DeviceAllow', 'a(ss)', []);
  const mode = (value: string) => property('DevicePolicy', 's', value);
  if (!policy.defaultAllow) {
    const allowed = policy.exceptions.flatMap(deviceAllow);
    return [cleared, mode('strict'), property('DeviceAllow', 'a(ss)', allowed)];
  }
  // systemd can allow every device, but not all except some.
  return [cleared, mode(policy.exceptions.length === 0 ? 'auto' : 'strict')];
}

/** `['/dev/char/1:3', 'rwm']`, systemd.resource-control(5); none for `*:MINOR`. */
function deviceAllow(devices: DeviceException): [string, string][] {
  const { type, major, minor, access } = devices;
  const kind = type === 'c' ? 'char' : 'block';
  const letters = accessLetters(access);
  if (major === WILDCARD) return minor === WILDCARD ? [[`${kind}-*`, letters]] : [];
  if (minor === WILDCARD) return [[`${kind}-${major}`, letters]];
  return [[`/dev/${kind}/${major}:${minor}`, letters]];
}
