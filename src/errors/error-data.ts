import { ConfigError } from './config-error.ts';
import { RuntimeError } from './runtime-error.ts';
import { FieldError, StageError } from './stage-error.ts';
import { SyscallError } from './syscall-error.ts';

/** An error as plain data, to send it to another process. */
interface ErrorData {
  /** The error's class: `SyscallError`. */
  name: string;
  message: string;
  cause?: ErrorData;
  /** The parts of an AggregateError. */
  errors?: ErrorData[];
  /** Its own properties: the hint, the errno, the field of config.json … */
  own: Readonly<Record<string, unknown>>;
}

/** Errors of other classes become an Error with the same name. */
const CLASSES: Readonly<Record<string, { prototype: object }>> = {
  AggregateError,
  ConfigError,
  FieldError,
  RuntimeError,
  StageError,
  SyscallError,
  RangeError,
  SyntaxError,
  TypeError,
};

/** The most causes of causes: an error may be its own cause. */
const MAX_DEPTH = 16;

/**
 * The error as data: all but the stack, and properties that JSON cannot hold. Texts are cut to
 * `length`. What was thrown without being an Error becomes one.
 */
export function errorToData(thrown: unknown, length: number, depth = 0): ErrorData {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const cut = (value: unknown) => (typeof value === 'string' ? value.slice(0, length) : value);
  const partOf = (part: unknown) => errorToData(part, length, depth + 1);
  const own = Object.entries(error).filter(([name, value]) => name !== 'cause' && isPlain(value));
  return {
    name: error.name,
    message: error.message.slice(0, length),
    own: Object.fromEntries(own.map(([name, value]) => [name, cut(value)])),
    ...(error.cause !== undefined && depth < MAX_DEPTH && { cause: partOf(error.cause) }),
    ...(error instanceof AggregateError &&
      depth < MAX_DEPTH && { errors: error.errors.map(partOf) }),
  };
}

/** The error that {@link errorToData} was given, of the same class, with this process's stack. */
export function errorFromData(data: unknown): Error {
  const { name, message, own, cause, errors } = data as ErrorData;
  const error = new Error(message, cause && { cause: errorFromData(cause) });
  if (Object.hasOwn(CLASSES, name)) Object.setPrototypeOf(error, CLASSES[name]!.prototype);
  else if (name !== error.name) error.name = name;
  return Object.assign(error, own, errors && { errors: errors.map(errorFromData) });
}

function isPlain(value: unknown): boolean {
  try {
    return JSON.stringify(value) !== undefined;
  } catch {
    return false;
  }
}
