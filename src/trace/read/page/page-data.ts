import { type Attributes, ERROR_HINT, STAGE_SIDE } from '../../record/attributes.ts';
import type { Span } from '../../store/span.ts';
import { sideOf } from '../analysis/command-times.ts';
import { isWait } from '../axis.ts';
import { foreignService, type StoredCommand, type StoredTrace } from '../read-traces.ts';
import { isForeign, labelOf, type SpanNode, spanTree } from '../span-tree.ts';
import { isoTime } from '../text/time.ts';
import type { PageAttribute, PageCommand, PageData, PageLife, PageSpan } from './page-types.ts';

/** Converts `traces` to the data that the page draws. */
export function pageData(traces: readonly StoredTrace[]): PageData {
  return { lives: traces.map(pageLife) };
}

function pageLife({ containerId, traceId, commands, orphanCommands }: StoredTrace): PageLife {
  const origin = commands[0]!.root.start;
  return {
    containerId,
    traceId,
    start: isoTime(origin),
    commands: commands.map((command) => pageCommand(command, origin)),
    orphanCommands: orphanCommands.map(({ root }) => ({
      name: root.name,
      error: root.error ?? '',
    })),
  };
}

function pageCommand(command: StoredCommand, origin: bigint): PageCommand {
  const rows = (nodes: SpanNode[], depth: number): PageSpan[] =>
    nodes.flatMap(({ span, children }) => [
      pageSpan(span, depth, origin),
      ...rows(children, depth + 1),
    ]);
  return {
    service: foreignService(command),
    spans: [pageSpan(command.root, 0, origin), ...rows(spanTree(command), 1)],
  };
}

function pageSpan(span: Span, depth: number, origin: bigint): PageSpan {
  const { error, spanId } = span;
  const { [ERROR_HINT]: hint, ...attributes } = span.attributes;
  return {
    name: labelOf(span),
    depth,
    side: sideOf(attributes[STAGE_SIDE]),
    start: Number(span.start - origin),
    end: Number(span.end - origin),
    wait: isWait(span) || undefined,
    foreign: isForeign(span) || undefined,
    error,
    hint: typeof hint === 'string' ? hint : undefined,
    spanId,
    attributes: pageAttributes(attributes),
    events: span.events.map(({ name, time, attributes }) => ({
      name,
      time: Number(time - origin),
      attributes: pageAttributes(attributes ?? {}),
    })),
  };
}

function pageAttributes(attributes: Attributes): PageAttribute[] {
  return Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, typeof value === 'object' ? value.join(' ') : String(value)]);
}
