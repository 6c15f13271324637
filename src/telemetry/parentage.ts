import type { IdSource } from './ids.ts';
import { SAMPLED, type TraceContext } from './trace-context.ts';

/** Where a command's root span stands. */
export interface Parentage {
  traceId: string;
  parentSpanId?: string | undefined;
  flags: number;
  tracestate?: string | undefined;
  links: readonly TraceContext[];
}

/**
 * Finds the place of a command in its container's trace.
 * `container` is the root span of the command that created it, absent when there is none yet;
 * `caller` the span of whoever runs the command. A caller in another trace than the container's is
 * linked to: the container keeps one trace.
 */
export function findParentage(
  ids: IdSource,
  caller: TraceContext | undefined,
  container: TraceContext | undefined,
): Parentage {
  if (container === undefined || caller?.traceId === container.traceId) {
    if (caller === undefined) return { traceId: ids.traceId(), flags: SAMPLED, links: [] };
    const { spanId: parentSpanId, ...trace } = caller;
    return { ...trace, parentSpanId, links: [] };
  }
  const { spanId: parentSpanId, ...trace } = container;
  return { ...trace, parentSpanId, links: caller === undefined ? [] : [caller] };
}
