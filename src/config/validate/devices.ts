import { DEVICE_RULE_TYPES, DEVICE_TYPES } from '../names/device-types.ts';
import type { Device } from '../types.ts';
import { boolean, integer, list, object, oneOf, stringThat, uint32 } from './checks/shape.ts';
import { absolutePath } from './checks/text.ts';

// include/linux/kdev_t.h: 12 bits of major, 20 of minor.
const major = integer(0, 2 ** 12 - 1);
const minor = integer(0, 2 ** 20 - 1);

/** `linux.devices`. */
export const devices = list(
  object<Device>(
    {
      required: { type: oneOf(DEVICE_TYPES), path: absolutePath },
      optional: { fileMode: uint32, uid: uint32, gid: uint32 },
      byRule: { major, minor },
    },
    (device, report) => {
      if (device.type === 'p') return;
      report.check('major', device.major, major);
      report.check('minor', device.minor, minor);
    },
  ),
);

/** `linux.resources.devices`: cgroup-v1/devices.rst; -1 means all. */
export const deviceRules = list(
  object({
    required: {
      allow: boolean,
      // runc ignores the letter `a`, and callers use it.
      access: stringThat('letters of r, w and m', (access) => /^[rwma]+$/.test(access)),
    },
    optional: {
      type: oneOf(DEVICE_RULE_TYPES),
      major: integer(-1, 2 ** 32 - 1),
      minor: integer(-1, 2 ** 32 - 1),
    },
  }),
);
