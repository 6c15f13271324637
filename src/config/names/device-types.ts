/** `linux.devices[].type`: mknod(1), `u` being an unbuffered character device. */
export const DEVICE_TYPES = ['b', 'c', 'u', 'p'] as const;
export type DeviceType = (typeof DEVICE_TYPES)[number];

/** `linux.resources.devices[].type`; `a`, the default, is all. */
export const DEVICE_RULE_TYPES = ['a', 'b', 'c'] as const;
export type DeviceRuleType = (typeof DEVICE_RULE_TYPES)[number];
