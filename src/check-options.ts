import { isObject } from './config/is-object.ts';
import { nearestName } from './errors/nearest-name.ts';

const isText = (value: unknown): boolean => typeof value === 'string';
const isOneOf =
  (...values: readonly unknown[]) =>
  (value: unknown) =>
    values.includes(value);
const has =
  (method: string) =>
  (value: unknown): boolean =>
    isObject(value) && typeof value[method] === 'function';
const isVariables = (value: unknown): boolean =>
  isObject(value) && Object.values(value).every(isText);

const isTerminalSize = (value: unknown): boolean =>
  isObject(value) &&
  [value.rows, value.columns].every((it) => Number.isInteger(it) && Number(it) > 0);

/** How to recognize a kind of value, and its name in errors. */
const kinds = {
  string: [isText, 'a string'],
  boolean: [(value: unknown) => typeof value === 'boolean', 'true or false'],
  milliseconds: [(value: unknown) => Number(value) > 0, 'a number of milliseconds above 0'],
  bytes: [(value: unknown) => Number(value) > 0, 'a number of bytes above 0'],
  list: [Array.isArray, 'an array'],
  strings: [(value: unknown) => Array.isArray(value) && value.every(isText), 'an array of strings'],
  object: [isObject, 'an object'],
  variables: [isVariables, 'an object whose values are strings'],
  input: [
    (value: unknown) => isText(value) || value instanceof Uint8Array,
    'a string or a Uint8Array',
  ],
  stdio: [isOneOf('inherit', 'ignore', 'pipe'), '"inherit", "ignore" or "pipe"'],
  source: [
    (value: unknown) => isOneOf('inherit', 'ignore', 'pipe')(value) || has('pipe')(value),
    '"inherit", "ignore", "pipe" or a readable stream',
  ],
  sink: [
    (value: unknown) =>
      isOneOf('capture', 'inherit', 'ignore', 'pipe')(value) || has('write')(value),
    '"capture", "inherit", "ignore", "pipe" or a writable stream',
  ],
  pooledSource: [
    (value: unknown) => value === 'ignore' || has('pipe')(value),
    '"ignore" or a readable stream',
  ],
  pooledSink: [
    (value: unknown) => isOneOf('capture', 'ignore')(value) || has('write')(value),
    '"capture", "ignore" or a writable stream',
  ],
  count: [(value: unknown) => Number.isInteger(value) && Number(value) > 0, 'an integer above 0'],
  server: [isOneOf('found', 'own', 'none'), '"found", "own" or "none"'],
  abortSignal: [has('addEventListener'), 'an AbortSignal'],
  terminalSize: [isTerminalSize, 'rows and columns, integers above 0'],
  function: [(value: unknown) => typeof value === 'function', 'a function'],
  anything: [() => true, 'anything'],
} as const;

type Kind = keyof typeof kinds;

/** The kind of each option; `?` marks an optional one. */
export type OptionKinds<Options> = {
  readonly [Name in keyof Options]-?: undefined extends Options[Name] ? `${Kind}?` : Kind;
};

/**
 * Checks arguments of the embedding API at run time, as a compiler would: an unknown option is an
 * error. Throws TypeError. `call` names the function: `davit.run`.
 */
export function checkOptions<Options>(
  call: string,
  given: unknown,
  options: OptionKinds<Options>,
): asserts given is Options {
  if (!isObject(given)) throw new TypeError(`${call}: ${show(given)}: expected an object`);
  const names = Object.keys(options);
  for (const name of Object.keys(given)) {
    if (names.includes(name)) continue;
    const nearest = nearestName(name, names);
    const expected = `expected one of ${names.join(', ')}`;
    throw new TypeError(
      `${call}: ${name}: no such option: ${nearest ? `did you mean ${nearest}? ` : ''}${expected}`,
    );
  }
  for (const [name, kind] of Object.entries<`${Kind}?` | Kind>(options)) {
    const value = given[name];
    if (value === undefined && kind.endsWith('?')) continue;
    const [is, expected] = kinds[kind.replace('?', '') as Kind];
    if (!is(value)) throw new TypeError(`${call}: ${name}: ${show(value)}: expected ${expected}`);
  }
}

/** For a function without options: a later version may add some. */
export function checkNoOptions(call: string, given: readonly unknown[]): void {
  if (given.length > 0)
    throw new TypeError(`${call}: ${show(given[0])}: this method takes no options`);
}

export function checkText(call: string, name: string, value: unknown): void {
  if (typeof value !== 'string') {
    throw new TypeError(`${call}: ${name}: ${show(value)}: expected a string`);
  }
}

/** A program and its arguments. */
export function checkArgs(call: string, value: unknown): void {
  if (Array.isArray(value) && value.length > 0 && value.every(isText)) return;
  throw new TypeError(`${call}: args: ${show(value)}: expected a program and its arguments`);
}

export function checkTerminalSize(call: string, value: unknown): void {
  if (isTerminalSize(value)) return;
  throw new TypeError(`${call}: size: ${show(value)}: expected rows and columns, integers above 0`);
}

/** A number that kill(2) takes. */
export function checkSignal(call: string, value: unknown): void {
  if (Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 64) return;
  throw new TypeError(
    `${call}: signal: ${show(value)}: expected a number from 0 to 64, as in os.constants.signals`,
  );
}

const show = (value: unknown): string => {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
};
