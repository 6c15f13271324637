import { createTraceState, type SpanContext, SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { apiAttributes, hrTime } from '../api-values.ts';
import { EXPORTED } from '../attributes.ts';
import type { OtlpSpan } from '../otlp.ts';
import { decodeAttributes, decodeSpan } from '../otlp-decode.ts';
import { belowRoot, isUnfinished, type StoredCommand } from '../read-traces.ts';
import type { Span } from '../span.ts';
import { SAMPLED, type TraceContext } from '../trace-context.ts';
import type { Resources } from './resources.ts';

/**
 * The sampled spans of commands, where no program has sent them itself, as the SDK's exporters take
 * them: with the ids, times and resources they were stored with, which a span made anew could not have.
 */
export function rebuildSpans(
  commands: readonly StoredCommand[],
  resources: Resources,
): ReadableSpan[] {
  return commands
    .filter(({ root }) => root.attributes[EXPORTED] !== true)
    .flatMap((command) =>
      isUnfinished(command) ? belowRoot(command) : command.request.resourceSpans,
    )
    .flatMap(({ resource, scopeSpans }) => {
      const place = resources.of(decodeAttributes(resource.attributes));
      return scopeSpans.flatMap(({ scope, spans }) =>
        spans
          .map((span) => [span, decodeSpan(span)] as const)
          .filter(([, { flags }]) => (flags & SAMPLED) !== 0)
          .map(([stored, span]) => ({
            ...rebuild(stored, span),
            resource: place,
            instrumentationScope: { name: scope.name, version: scope.version ?? '' },
          })),
      );
    });
}

type Placed = Omit<ReadableSpan, 'resource' | 'instrumentationScope'>;

function rebuild({ kind = 1 }: OtlpSpan, span: Span): Placed {
  const { traceId, parentSpanId, flags, remoteParent = false, start, end } = span;
  const context = spanContext(span);
  const parent = { traceId, traceFlags: flags, isRemote: remoteParent };
  return {
    name: span.name,
    // The API's kinds begin at 0, the protocol's at 1.
    kind: Math.max(kind - 1, 0),
    spanContext: () => context,
    ...(parentSpanId && { parentSpanContext: { ...parent, spanId: parentSpanId } }),
    startTime: hrTime(start),
    endTime: hrTime(end),
    duration: hrTime(end - start),
    ended: true,
    status:
      span.error === undefined
        ? { code: SpanStatusCode.UNSET }
        : { code: SpanStatusCode.ERROR, message: span.error },
    attributes: apiAttributes(span.attributes),
    events: span.events.map(({ name, time, attributes = {} }) => ({
      ...{ name, time: hrTime(time), attributes: apiAttributes(attributes) },
    })),
    links: span.links.map((link) => ({ context: { ...spanContext(link), isRemote: true } })),
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

export function spanContext({ traceId, spanId, flags, tracestate }: TraceContext): SpanContext {
  const context = { traceId, spanId, traceFlags: flags };
  return tracestate ? { ...context, traceState: createTraceState(tracestate) } : context;
}
