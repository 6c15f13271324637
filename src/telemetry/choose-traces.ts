import { RuntimeError } from '../errors/runtime-error.ts';
import { Axis } from './axis.ts';
import { readTraces, type StoredTrace, tracedContainers } from './read-traces.ts';

/** Which traces are meant; what is absent does not narrow. */
export interface TraceChoice {
  /** Container ids, where `*` and `?` stand for other characters, or trace ids, 8 digits at least. */
  names: readonly string[];
  /** Only commands that began then or later, in milliseconds since the epoch. */
  since?: number | undefined;
  /** Only commands that began before. */
  until?: number | undefined;
  /** Only these commands: `['create', 'start']`. */
  commands?: readonly string[] | undefined;
  /** Only lives in which a command failed. */
  failed?: boolean | undefined;
  /** Of a container's lives only the latest. */
  latestLife?: boolean | undefined;
  /** The last so many to begin. */
  last?: number | undefined;
  /** The slowest so many, by davit's own time; the slowest first. */
  slowest?: number | undefined;
}

interface Container {
  id: string;
  /** When it was last written to, in milliseconds since the epoch. */
  time: number;
}

/** The traces that `choice` is about, the oldest first. Throws where a name is of none. */
export function chooseTraces(directory: string, choice: TraceChoice): StoredTrace[] {
  const { names, last, slowest } = choice;
  const containers = tracedContainers(directory);
  const found =
    names.length === 0
      ? latestFirst(directory, containers, choice)
      : distinct(names.flatMap((name) => ofName(directory, name, containers, choice)));
  if (slowest !== undefined) {
    return found.toSorted((a, b) => ownTime(b) - ownTime(a)).slice(0, slowest);
  }
  const ordered = found.toSorted((a, b) => Number(beginOf(a) - beginOf(b)));
  return last === undefined ? ordered : ordered.slice(-last);
}

/** davit's own time in a life: all of its commands, without waits, in nanoseconds. */
export const ownTime = ({ commands }: StoredTrace): number =>
  commands.reduce((sum, command) => sum + new Axis(command).total, 0);

/** When a life began, in nanoseconds since the epoch. */
const beginOf = ({ commands }: StoredTrace): bigint => commands[0]!.root.start;

/** Of every container; where only the last few are asked for, no more files are read than need be. */
function latestFirst(
  directory: string,
  containers: Container[],
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

function ofName(
  directory: string,
  name: string,
  containers: Container[],
  choice: TraceChoice,
): StoredTrace[] {
  const ids = containers.map(({ id }) => id);
  const matches = pattern(name);
  const matching = ids.includes(name) ? [name] : ids.filter((id) => matches.test(id));
  const found = matching.flatMap((id) => livesOf(directory, id, choice));
  if (matching.length > 0) return found;
  const ofTrace = /^[0-9a-f]{8,32}$/.test(name)
    ? ids
        .flatMap((id) => livesOf(directory, id, { ...choice, latestLife: false }))
        .filter(({ traceId }) => traceId.startsWith(name))
    : [];
  if (ofTrace.length > 0) return ofTrace;
  throw new RuntimeError(
    `container ${JSON.stringify(name)} has no trace`,
    `traces are kept in ${directory}`,
  );
}

/** Shell wildcards of a whole id. */
function pattern(name: string): RegExp {
  const source = RegExp.escape(name).replaceAll('\\*', '.*').replaceAll('\\?', '.');
  return new RegExp(`^${source}$`, 's');
}

function livesOf(directory: string, id: string, choice: TraceChoice): StoredTrace[] {
  const lives = readTraces(directory, id)
    .map((trace) => narrow(trace, choice))
    .filter(({ commands }) => commands.length > 0)
    .filter((trace) => !choice.failed || hasFailed(trace));
  return choice.latestLife ? lives.slice(-1) : lives;
}

function narrow(trace: StoredTrace, { commands: names, since, until }: TraceChoice): StoredTrace {
  const commands = trace.commands.filter(({ root }) => {
    const time = Number(root.start) / 1e6;
    return (
      (!names?.length || names.includes(commandName(root.name))) &&
      (since === undefined || time >= since) &&
      (until === undefined || time < until)
    );
  });
  return { ...trace, commands };
}

/** `create` of `davit create`. */
const commandName = (name: string): string => name.replace(/^davit /, '');

function hasFailed({ commands, strays }: StoredTrace): boolean {
  return [...commands, ...strays].some(({ root }) => root.error !== undefined);
}

function distinct(traces: StoredTrace[]): StoredTrace[] {
  const byId = new Map(traces.map((trace) => [`${trace.traceId} ${trace.containerId}`, trace]));
  return [...byId.values()];
}
