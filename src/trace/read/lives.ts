import { RuntimeError } from '../../errors/runtime-error.ts';
import { readTraces, type StoredTrace } from './read-traces.ts';

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
  /** Only lives in which a command, or the execution of the program, failed. */
  failed?: boolean | undefined;
  /** Of a container's lives only the latest. */
  latestLife?: boolean | undefined;
  /** The last so many to begin. */
  last?: number | undefined;
  /** The slowest so many, by davit's own time; the slowest first. */
  slowest?: number | undefined;
}

/** The lives of container `id` that `choice` does not leave out, with the commands that it does not. */
export function livesOf(directory: string, id: string, choice: TraceChoice): StoredTrace[] {
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

/** `create` of `davit create`, or of another runtime's. */
const commandName = (name: string): string => name.replace(/^\S+ /, '');

/** A command need not fail when what it started does: `exec` of a detached program, `program`. */
function hasFailed({ commands, strays }: StoredTrace): boolean {
  return [...commands, ...strays].some(({ root, spans }) =>
    [root, ...spans].some(({ error }) => error !== undefined),
  );
}

/** The lives that `name` is of, among the containers `ids`; throws where it is of none. */
export function livesNamed(
  directory: string,
  name: string,
  ids: readonly string[],
  choice: TraceChoice,
): StoredTrace[] {
  const matches = pattern(name);
  const matching = ids.includes(name) ? [name] : ids.filter((id) => matches.test(id));
  if (matching.length > 0) return matching.flatMap((id) => livesOf(directory, id, choice));
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
