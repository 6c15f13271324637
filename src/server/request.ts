import { isUtf8 } from 'node:buffer';
import type { Environment } from '../config/environment.ts';
import { DOOR_FDS, greetingOf, NUMBERS } from '../machine/front/door.ts';
import type { Received } from '../syscalls/network/socket.ts';

/** What a front asks the server to do. */
export interface Request {
  /** The words after `davit`. */
  args: readonly string[];
  environment: Environment;
  numbers: Record<(typeof NUMBERS)[number], bigint>;
  fds: Record<(typeof DOOR_FDS)[number], number>;
}

/**
 * Reads a request of `build`. Undefined for any other message: a front of another build, or
 * something that is no front. A text that is not UTF-8 would not arrive as it was sent.
 */
export function readRequest({ bytes, fds }: Received, build: string): Request | undefined {
  const greeting = Buffer.from(`${greetingOf(build)}\0`);
  const textStart = greeting.length + 8 * NUMBERS.length;
  if (bytes.length <= textStart || !bytes.subarray(0, greeting.length).equals(greeting)) return;
  if (fds.length !== DOOR_FDS.length || bytes.at(-1) !== 0) return;
  if (!isUtf8(bytes.subarray(textStart))) return;
  const numbers = Object.fromEntries(
    NUMBERS.map((name, i) => [name, bytes.readBigUInt64LE(greeting.length + 8 * i)]),
  ) as Request['numbers'];
  const words = bytes.toString('utf8', textStart, bytes.length - 1).split('\0');
  const argc = Number(numbers.argc);
  if (argc < 1 || words.length !== argc + Number(numbers.envc)) return;
  return {
    args: words.slice(1, argc),
    environment: environmentOf(words, argc),
    numbers,
    fds: Object.fromEntries(DOOR_FDS.map((name, i) => [name, fds[i]!])) as Request['fds'],
  };
}

/** The words of the last request's environment. One caller often asks many times. */
let lastVariables: readonly string[] = [];
let lastEnvironment: Environment = {};

/** The environment in the words from `first` on. */
function environmentOf(words: readonly string[], first: number): Environment {
  const isLast =
    words.length - first === lastVariables.length &&
    lastVariables.every((variable, i) => variable === words[first + i]);
  if (isLast) return lastEnvironment;
  lastVariables = words.slice(first);
  lastEnvironment = parseEnvironment(lastVariables);
  return lastEnvironment;
}

/** As Node reads environ(7): the first of two values counts, and what has no name is left out. */
function parseEnvironment(variables: readonly string[]): Environment {
  const environment: Record<string, string> = {};
  for (const variable of variables) {
    const end = variable.indexOf('=');
    const name = variable.slice(0, end);
    if (end > 0 && !Object.hasOwn(environment, name)) environment[name] = variable.slice(end + 1);
  }
  return Object.freeze(environment);
}
