import type { IdSource } from './ids.ts';
import type { Sampler } from './sampler.ts';
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
  sampler: Sampler,
): Parentage {
  if (container === undefined || caller?.traceId === container.traceId) {
    if (caller !== undefined) return below(caller, sampler, []);
    const traceId = ids.traceId();
    return { traceId, flags: sampler(traceId, undefined) ? SAMPLED : 0, links: [] };
  }
  return below(container, sampler, caller === undefined ? [] : [caller]);
}

function below(parent: TraceContext, sampler: Sampler, links: TraceContext[]): Parentage {
  const { spanId: parentSpanId, flags, ...trace } = parent;
  const sampled = sampler(parent.traceId, parent) ? SAMPLED : 0;
  return { ...trace, parentSpanId, flags: (flags & ~SAMPLED) | sampled, links };
}
