import type { Link, SpanContext } from '@opentelemetry/api';

/** The parent and the links of a command's root span. */
interface Parentage {
  parent: SpanContext | undefined;
  links: Link[];
}

/**
 * Finds the place of a command in its container's trace. `container` is the root span of the
 * command that created the container, absent when there is none yet; `caller` is the caller's span.
 * A caller from another trace becomes a link: a container has one trace.
 */
export function findParentage(
  caller: SpanContext | undefined,
  container: SpanContext | undefined,
): Parentage {
  if (container === undefined || caller?.traceId === container.traceId) {
    return { parent: caller ?? container, links: [] };
  }
  return { parent: container, links: caller ? [{ context: caller }] : [] };
}
