import {
  type Context,
  createTraceState,
  ROOT_CONTEXT,
  type SpanContext,
  trace,
} from '@opentelemetry/api';
import type { IdGenerator, TracerProvider } from '@opentelemetry/sdk-trace';
import { decodeAttributes, decodeSpan } from '../read/otlp-decode.ts';
import { belowRoot, isUnfinished, type StoredCommand } from '../read/read-traces.ts';
import { type Attributes, EXPORTED } from '../record/attributes.ts';
import { hrTime } from '../record/clock.ts';
import { copySpan } from '../record/copy-span.ts';
import { SAMPLED } from '../record/trace-context.ts';
import type { Span, SpanLink } from '../store/span.ts';

/** A stored span with its scope and resource. */
interface StoredSpan {
  span: Span;
  /** OTLP's number, which is one more than the API's. */
  kind: number;
  scope: { name: string; version?: string | undefined };
  resource: Attributes;
}

/** The sampled spans of commands, except where an embedding program has sent them itself. */
export function sampledSpans(commands: readonly StoredCommand[]): StoredSpan[] {
  return commands
    .filter(({ root }) => root.attributes[EXPORTED] !== true)
    .flatMap((command) =>
      isUnfinished(command) ? belowRoot(command) : command.request.resourceSpans,
    )
    .flatMap(({ resource, scopeSpans }) => {
      const attributes = decodeAttributes(resource.attributes);
      return scopeSpans.flatMap(({ scope, spans }) =>
        spans.map((stored) => ({
          span: decodeSpan(stored),
          kind: stored.kind ?? 1,
          scope,
          resource: attributes,
        })),
      );
    })
    .filter(({ span }) => (span.flags & SAMPLED) !== 0);
}

/** Gives spans the ids that they were stored with. */
export class StoredIds implements IdGenerator {
  next: { traceId: string; spanId: string } = { traceId: '', spanId: '' };
  generateTraceId = (): string => this.next.traceId;
  generateSpanId = (): string => this.next.spanId;
}

/**
 * Makes a stored span again in the SDK's tracer, with its ids and times. `dropped` collects the ids
 * of spans that the SDK's sampler dropped; their children see a parent that is not sampled.
 */
export function replaySpan(
  { span, kind, scope }: StoredSpan,
  provider: TracerProvider,
  ids: StoredIds,
  dropped: Set<string>,
): void {
  ids.next = span;
  const options = {
    kind: Math.max(kind - 1, 0),
    startTime: hrTime(span.start),
    attributes: span.attributes,
    links: span.links.map((link) => ({ context: { ...spanContext(link), isRemote: true } })),
  };
  const parent = parentContext(span, dropped);
  const made = provider.getTracer(scope.name, scope.version).startSpan(span.name, options, parent);
  if (!made.isRecording()) dropped.add(span.spanId);
  copySpan(span, made);
}

function parentContext(span: Span, dropped: Set<string>): Context {
  const { parentSpanId: spanId, remoteParent: isRemote = false } = span;
  if (!spanId) return ROOT_CONTEXT;
  const flags = dropped.has(spanId) ? span.flags & ~SAMPLED : span.flags;
  return trace.setSpanContext(ROOT_CONTEXT, {
    ...spanContext({ ...span, spanId, flags }),
    isRemote,
  });
}

export function spanContext({ traceId, spanId, flags, tracestate }: SpanLink): SpanContext {
  const context = { traceId, spanId, traceFlags: flags };
  return tracestate ? { ...context, traceState: createTraceState(tracestate) } : context;
}
