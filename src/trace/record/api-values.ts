import type { Attributes as ApiAttributes, HrTime } from '@opentelemetry/api';
import type { Attributes } from './attributes.ts';

/** Attributes as `@opentelemetry/api` types them. */
export function apiAttributes(attributes: Attributes): ApiAttributes {
  return Object.fromEntries(
    Object.entries(attributes).map(([key, value]) => [
      key,
      typeof value === 'object' ? [...value] : value,
    ]),
  );
}

/** Nanoseconds as seconds and nanoseconds. */
export const hrTime = (nanos: bigint): HrTime => [
  Number(nanos / 1_000_000_000n),
  Number(nanos % 1_000_000_000n),
];
