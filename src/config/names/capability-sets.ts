/** The five sets of capabilities(7) that `process.capabilities` fills. */
export const CAPABILITY_SETS = [
  'bounding',
  'effective',
  'inheritable',
  'permitted',
  'ambient',
] as const;
export type CapabilitySet = (typeof CAPABILITY_SETS)[number];
