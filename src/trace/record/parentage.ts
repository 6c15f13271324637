import type { Link, SpanContext } from '@opentelemetry/api';

/** Where a command's root span stands. */
interface Parentage {
  parent: SpanContext | undefined;
  links: Link[];
}

/**
 * Finds the place of a command in its container's trace.
 * `container` is the root span of the command that created it, absent when there is none yet;
 * `caller` the span of whoever runs the command. A caller in another trace than the container's is
 * linked to: the container keeps one trace.
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
