import type { Attributes as ApiAttributes } from '@opentelemetry/api';
import type { Attributes } from '../attributes.ts';

/** The same attributes as `@opentelemetry/api` types them. */
export function apiAttributes(attributes: Attributes): ApiAttributes {
  return Object.fromEntries(
    Object.entries(attributes).map(([key, value]) => [
      key,
      typeof value === 'object' ? [...value] : value,
    ]),
  );
}
