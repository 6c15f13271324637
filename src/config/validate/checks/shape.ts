import { nearestName } from '../../../errors/nearest-name.ts';
import { isObject } from '../../is-object.ts';
import type { Report, Shape, ShapeParts } from './report.ts';

/** Checks for contradictions in a value whose parts are all valid. */
export type Rule<T> = (value: T, report: Report) => void;

/** Gives a check its parts. */
const shape = (check: Shape, parts: ShapeParts): Shape => Object.assign(check, parts);

export const boolean = shape(
  (value, report) => {
    if (typeof value !== 'boolean') report.add(value, 'true or false');
  },
  { type: 'boolean' },
);

export const string = shape(
  (value, report) => {
    if (typeof value !== 'string') report.add(value, 'a string');
  },
  { type: 'string' },
);

/** A string for which `accepts` returns true. */
export function stringThat(expected: string, accepts: (value: string) => boolean): Shape {
  const check: Shape = (value, report) => {
    if (typeof value !== 'string' || !accepts(value)) report.add(value, expected);
  };
  return shape(check, { type: 'string', expected });
}

/** A whole number in a range, both ends included. */
export function integer(min: number | bigint, max: number | bigint): Shape {
  const check: Shape = (value, report) => {
    const whole = typeof value === 'bigint' || Number.isInteger(value);
    if (!whole || (value as number) < min || (value as number) > max) {
      report.add(value, `an integer from ${min} to ${max}`);
    }
  };
  return shape(check, { type: 'integer', range: [min, max] });
}

export const uint16: Shape = integer(0, 2 ** 16 - 1);
export const uint32: Shape = integer(0, 2 ** 32 - 1);
export const int32: Shape = integer(-(2 ** 31), 2 ** 31 - 1);
export const int64: Shape = integer(-(2n ** 63n), 2n ** 63n - 1n);
export const uint64: Shape = integer(0, 2n ** 64n - 1n);

export function oneOf(names: readonly string[]): Shape {
  const check: Shape = (value, report) => {
    if (names.includes(value as string)) return;
    const nearest = typeof value === 'string' ? nearestName(value, names) : undefined;
    const suggestion = nearest ? `; did you mean ${nearest}?` : '';
    report.add(value, `one of ${names.join(', ')}${suggestion}`);
  };
  return shape(check, { type: 'string', names });
}

/** `inner`, with words that runc's callers know added to its problems. */
export function withRuncWords(words: string, inner: Shape): Shape {
  const check: Shape = (value, report) => {
    const before = report.problems.length;
    inner(value, report);
    for (const problem of report.problems.slice(before)) problem.expected += `: ${words}`;
  };
  return shape(check, { ...inner });
}

/** `inner`, or a value that callers written in Go write for an unset field. */
export function or(accepted: '' | 0, inner: Shape): Shape {
  const check: Shape = (value, report) => {
    if (value !== accepted) inner(value, report);
  };
  return shape(check, { ...inner, or: accepted });
}

export const orEmpty = (inner: Shape): Shape => or('', inner);

/** Any value. */
export const anything: Shape = () => {};

/** A number above 0. */
export function numberAbove0(expected: string): Shape {
  const check: Shape = (value, report) => {
    if (!(typeof value === 'number' && value > 0)) report.add(value, expected);
  };
  return shape(check, { type: 'number', expected });
}

/** A value of the kind that its JavaScript type says, as `typeof` does. */
export function stringOrObject(text: Shape, fields: Shape, expected: string): Shape {
  const check: Shape = (value, report) => {
    if (typeof value === 'string' && value) text(value, report);
    else if (isObject(value)) fields(value, report);
    else report.add(value, expected);
  };
  return shape(check, { anyOf: [text, fields], expected });
}

export function list(item: Shape, rule?: Rule<never[]>): Shape {
  const check: Shape = (value, report) => {
    if (!Array.isArray(value)) return report.add(value, 'a list');
    const before = report.problems.length;
    for (let index = 0; index < value.length; index++) report.check(index, value[index], item);
    if (rule && report.problems.length === before) rule(value as never[], report);
  };
  return shape(check, { type: 'array', item });
}

/** An object whose keys are names. */
export function map(item: Shape, key?: (key: string) => string | undefined): Shape {
  const check: Shape = (value, report) => {
    if (!isObject(value)) return report.add(value, 'an object');
    for (const name of Object.keys(value)) {
      const expected = key?.(name);
      if (expected) report.add(name, expected, name);
      report.check(name, value[name], item);
    }
  };
  return shape(check, { type: 'object', item });
}

interface Fields {
  required?: Record<string, Shape>;
  optional?: Record<string, Shape>;
  /** Fields that the rule checks, as other fields decide whether they count. */
  byRule?: Record<string, Shape>;
  /** What is expected in place of an unknown field. Default: unknown fields are ignored. */
  others?: string;
}

/** An object with fields. */
export function object<T>(
  { required = {}, optional = {}, byRule = {}, others }: Fields,
  rule?: Rule<T>,
): Shape {
  const fields = { ...required, ...optional, ...byRule };
  const check: Shape = (value, report) => {
    if (!isObject(value)) return report.add(value, 'an object');
    const before = report.problems.length;
    if (others !== undefined) {
      for (const name of Object.keys(value))
        if (!Object.hasOwn(fields, name)) report.add(value[name], others, name);
    }
    for (const name in required) report.check(name, value[name], required[name]!);
    for (const name in optional) {
      const field = value[name];
      if (field !== undefined) report.check(name, field, optional[name]!);
    }
    if (rule && report.problems.length === before) rule(value as T, report);
  };
  const closed = others !== undefined;
  const names = { required: Object.keys(required), byRule: Object.keys(byRule) };
  return shape(check, { type: 'object', fields, closed, ...names });
}
