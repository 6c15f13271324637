import { RuntimeError } from '../../errors/runtime-error.ts';
import { compare } from '../../trace/read/analysis/compare.ts';
import type { Comparison } from '../../trace/read/tables/draw-comparison.ts';
import { chosenTraces, describeTime, type TraceRequest } from './trace-request.ts';

/** Compares the times of the second of a request's two groups with the first. */
export function compareTraces(request: TraceRequest): Comparison {
  const [a, b] = groupsOf(request);
  const commands = compare(chosenTraces(a.request), chosenTraces(b.request));
  return { a: a.name, b: b.name, commands };
}

interface Group {
  name: string;
  request: TraceRequest;
}

/** The groups: two names, or before and since a time. */
function groupsOf(request: TraceRequest): [Group, Group] {
  const [a, b, ...more] = request.names;
  if (a !== undefined && b !== undefined && more.length === 0) {
    return [
      { name: a, request: { ...request, names: [a] } },
      { name: b, request: { ...request, names: [b] } },
    ];
  }
  const { since } = request;
  if (since === undefined || b !== undefined) {
    throw new RuntimeError(
      '--compare takes two containers, or --since',
      "use wildcards to name several: davit trace --compare 'old-*' 'new-*'",
    );
  }
  const of = a === undefined ? '' : `${a} `;
  return [
    {
      name: `${of}before ${describeTime(since)}`,
      request: { ...request, since: undefined, until: since },
    },
    { name: `${of}since ${describeTime(since)}`, request },
  ];
}
