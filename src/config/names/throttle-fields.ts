/**
 * The lists of `linux.resources.blockIO` that limit devices' rates: config-linux.md, "Block IO".
 */
export const THROTTLE_FIELDS = [
  'throttleReadBpsDevice',
  'throttleWriteBpsDevice',
  'throttleReadIOPSDevice',
  'throttleWriteIOPSDevice',
] as const;
export type ThrottleField = (typeof THROTTLE_FIELDS)[number];
