import { Interval } from '../../bus/events.ts';
import { errorFromData, errorToData } from '../../errors/error-data.ts';

/*
 * What a program that embeds davit and a davit that it has started say to each other: JSON, one
 * message a line, on a stream socket on which the program listens.
 */

/** From davit. */
export type DavitMessage =
  /** The first message: which call of the program's this davit carries out. */
  | { type: 'call'; call: number }
  | { type: 'event'; event: string; payload: unknown }
  /** Asks the program's interceptors. An answer follows. */
  | { type: 'ask'; question: string; about: unknown; id: number }
  /** The command has succeeded. `status` is its exit status. */
  | { type: 'ended'; status: number }
  | { type: 'failed'; error: unknown };

/** From the program. */
export type ProgramMessage =
  /** `error` is a veto. */
  | { type: 'answer'; id: number; error?: unknown }
  /** The size that the terminal of the container's program is to have. */
  | { type: 'resize'; rows: number; columns: number };

/** The most characters of each text of an error: an error may quote what a program printed. */
const ERROR_LENGTH = 16_384;

/** The message as a line. Errors, bigints and {@link Interval} pass; functions do not. */
export const encode = (message: DavitMessage | ProgramMessage): string =>
  `${JSON.stringify(message, replace)}\n`;

/** The message of a line without its end. */
export const decode = <Message>(line: string): Message => JSON.parse(line, revive) as Message;

/** JSON has no such values: they become objects with one of these names as the only property. */
const BIGINT = '$bigint';
const ERROR = '$error';
const INTERVAL = '$interval';

function replace(this: Record<string, unknown>, name: string, value: unknown): unknown {
  // An interval's toJSON has been called by now.
  const original = this[name];
  if (original instanceof Interval) {
    return { [INTERVAL]: [String(original.begin), String(original.end)] };
  }
  if (original instanceof Error) return { [ERROR]: errorToData(original, ERROR_LENGTH) };
  return typeof value === 'bigint' ? { [BIGINT]: String(value) } : value;
}

function revive(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const [[name, content] = [], ...others] = Object.entries(value);
  if (others.length > 0) return value;
  if (name === BIGINT) return BigInt(content as string);
  if (name === ERROR) return errorFromData(content);
  if (name !== INTERVAL) return value;
  const [begin, end] = content as [string, string];
  return new Interval(BigInt(begin), BigInt(end));
}
