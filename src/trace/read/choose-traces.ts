import { ownTime } from './axis.ts';
import { livesNamed, livesOf, type TraceChoice } from './lives.ts';
import { type StoredTrace, type TracedContainer, tracedContainers } from './read-traces.ts';

/**
 * The traces that `choice` selects, oldest first, or slowest first where `slowest` is set. Throws
 * for a name that has no trace.
 */
export function chooseTraces(directory: string, choice: TraceChoice): StoredTrace[] {
  const { names, last, slowest } = choice;
  const containers = tracedContainers(directory);
  const ids = containers.map(({ id }) => id);
  const found =
    names.length === 0
      ? latestFirst(directory, containers, choice)
      : distinct(names.flatMap((name) => livesNamed(directory, name, ids, choice)));
  if (slowest !== undefined) {
    return found.toSorted((a, b) => ownTime(b) - ownTime(a)).slice(0, slowest);
  }
  const ordered = found.toSorted((a, b) => Number(beginOf(a) - beginOf(b)));
  return last === undefined ? ordered : ordered.slice(-last);
}

/** When a life began, in nanoseconds since the epoch. */
const beginOf = ({ commands }: StoredTrace): bigint => commands[0]!.root.start;

/** Lives of all containers. With `last`, it stops reading files once it has enough lives. */
function latestFirst(
  directory: string,
  containers: TracedContainer[],
  choice: TraceChoice,
): StoredTrace[] {
  const found: StoredTrace[] = [];
  for (const { id, time } of containers.sort((a, b) => b.time - a.time)) {
    if (choice.since !== undefined && time < choice.since) break;
    if (choice.slowest === undefined && isEnough(found, choice.last, time)) break;
    found.push(...livesOf(directory, id, choice));
  }
  return found;
}

/** True when no container last written to at `time` can have one of the last `count` lives. */
function isEnough(found: StoredTrace[], count: number | undefined, time: number): boolean {
  if (count === undefined || found.length < count) return false;
  const oldest = found.map(beginOf).sort((a, b) => Number(b - a))[count - 1];
  return oldest === undefined || Number(oldest) / 1e6 > time;
}

function distinct(traces: StoredTrace[]): StoredTrace[] {
  const byId = new Map(traces.map((trace) => [`${trace.traceId} ${trace.containerId}`, trace]));
  return [...byId.values()];
}
