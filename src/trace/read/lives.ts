import { RuntimeError } from '../../errors/runtime-error.ts';
import { readTraces, type StoredCommand, type StoredTrace } from './read-traces.ts';

/** Selects traces. A field that is absent excludes nothing. */
export interface TraceChoice {
  /**
   * Container ids with the wildcards `*` and `?`, or the first 8 or more hex digits of trace ids.
   */
  names: readonly string[];
  /** Only commands that began at this time or later, in milliseconds since the epoch. */
  since?: number | undefined;
  /** Only commands that began before this time, in milliseconds since the epoch. */
  until?: number | undefined;
  /** Only these commands: `['create', 'start']`. */
  commands?: readonly string[] | undefined;
  /** Only lives in which a command, or the execution of the program, failed. */
  failed?: boolean | undefined;
  /** Only the latest life of each container. */
  latestLife?: boolean | undefined;
  /** Only this many lives: the ones that began last. */
  last?: number | undefined;
  /** Only this many lives: the ones with the most time of davit's own, slowest first. */
  slowest?: number | undefined;
}

/** The lives of container `id` that `choice` selects, each with the selected commands. */
export function livesOf(directory: string, id: string, choice: TraceChoice): StoredTrace[] {
  const lives = readTraces(directory, id)
    .map((trace) => narrow(trace, choice))
    .filter(({ commands }) => commands.length > 0)
    .filter(({ commands, orphanCommands }) => {
      const all = [...commands, ...orphanCommands];
      return !choice.failed || all.some((command) => failureOf(command) !== undefined);
    });
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

/** `create` for `davit create`, and for the name that another program stored. */
export const commandName = (name: string): string => name.replace(/^\S+ /, '');

/**
 * The first failure among the command's spans. The command itself may have succeeded: a detached
 * program that could not be executed does not fail it.
 */
export const failureOf = ({ root, spans }: StoredCommand): string | undefined =>
  [root, ...spans].find(({ error }) => error !== undefined)?.error;

/** The lives that `name` matches among the containers `ids`. Throws when it matches none. */
export function livesNamed(
  directory: string,
  name: string,
  ids: readonly string[],
  choice: TraceChoice,
): StoredTrace[] {
  const matches = idPattern(name);
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

/** Matches a whole id by shell wildcards. */
export function idPattern(name: string): RegExp {
  const source = RegExp.escape(name).replaceAll('\\*', '.*').replaceAll('\\?', '.');
  return new RegExp(`^${source}$`, 's');
}
