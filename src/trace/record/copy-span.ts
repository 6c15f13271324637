import { type Span as ApiSpan, SpanStatusCode } from '@opentelemetry/api';
import type { Span } from '../store/span.ts';
import { hrTime } from './clock.ts';

/** Copies attributes, events, error and end of `span` to `copy`, which has the same start. */
export function copySpan({ attributes, events, error, end }: Span, copy: ApiSpan): void {
  copy.setAttributes(attributes);
  for (const event of events) copy.addEvent(event.name, event.attributes, hrTime(event.time));
  if (error !== undefined) copy.setStatus({ code: SpanStatusCode.ERROR, message: error });
  copy.end(hrTime(end));
}
