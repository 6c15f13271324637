import { type Span as ApiSpan, SpanStatusCode } from '@opentelemetry/api';
import type { Span } from '../store/span.ts';
import { hrTime } from './clock.ts';

/** Gives `copy`, which has begun when `span` did, the rest of it, and ends it. */
export function copySpan({ attributes, events, error, end }: Span, copy: ApiSpan): void {
  copy.setAttributes(attributes);
  for (const event of events) copy.addEvent(event.name, event.attributes, hrTime(event.time));
  if (error !== undefined) copy.setStatus({ code: SpanStatusCode.ERROR, message: error });
  copy.end(hrTime(end));
}
