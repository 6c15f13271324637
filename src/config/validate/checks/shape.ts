import { nearestName } from '../../../errors/nearest-name.ts';
import { isObject } from '../../is-object.ts';
import type { Report, Shape } from './report.ts';

/** Checks for contradictions in a value whose parts are all valid. */
export type Rule<T> = (value: T, report: Report) => void;

export const boolean: Shape = (value, report) => {
  if (typeof value !== 'boolean') report.add(value, 'true or false');
};

export const string: Shape = (value, report) => {
  if (typeof value !== 'string') report.add(value, 'a string');
};

/** A string for which `accepts` returns true. */
export function stringThat(expected: string, accepts: (value: string) => boolean): Shape {
  return (value, report) => {
    if (typeof value !== 'string' || !accepts(value)) report.add(value, expected);
  };
}

/** A whole number in a range, both ends included. */
export function integer(min: number | bigint, max: number | bigint): Shape {
  return (value, report) => {
    const whole = typeof value === 'bigint' || Number.isInteger(value);
    if (!whole || (value as number) < min || (value as number) > max) {
      report.add(value, `an integer from ${min} to ${max}`);
    }
  };
}

export const uint16: Shape = integer(0, 2 ** 16 - 1);
export const uint32: Shape = integer(0, 2 ** 32 - 1);
export const int32: Shape = integer(-(2 ** 31), 2 ** 31 - 1);
export const int64: Shape = integer(-(2n ** 63n), 2n ** 63n - 1n);
export const uint64: Shape = integer(0, 2n ** 64n - 1n);

export function oneOf(names: readonly string[]): Shape {
  return (value, report) => {
    if (names.includes(value as string)) return;
    const nearest = typeof value === 'string' ? nearestName(value, names) : undefined;
    const suggestion = nearest ? `; did you mean ${nearest}?` : '';
    report.add(value, `one of ${names.join(', ')}${suggestion}`);
  };
}

/** `shape`, with words that runc's callers know added to its problems. */
export function withRuncWords(words: string, shape: Shape): Shape {
  const check: Shape = (value, report) => {
    const before = report.problems.length;
    shape(value, report);
    for (const problem of report.problems.slice(before)) problem.expected += `: ${words}`;
  };
  return Object.assign(check, partsOf(shape));
}

const partsOf = ({ fields, item }: Shape): Pick<Shape, 'fields' | 'item'> => ({
  ...(fields && { fields }),
  ...(item && { item }),
});

/** `shape`, or an empty string: callers written in Go write one for an unset field. */
export function orEmpty(shape: Shape): Shape {
  const check: Shape = (value, report) => {
    if (value !== '') shape(value, report);
  };
  return Object.assign(check, partsOf(shape));
}

export function list(item: Shape, rule?: Rule<never[]>): Shape {
  const check: Shape = (value, report) => {
    if (!Array.isArray(value)) return report.add(value, 'a list');
    const before = report.problems.length;
    for (let index = 0; index < value.length; index++) report.check(index, value[index], item);
    if (rule && report.problems.length === before) rule(value as never[], report);
  };
  return Object.assign(check, { item });
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
  return Object.assign(check, { item });
}

interface Fields {
  required?: Record<string, Shape>;
  optional?: Record<string, Shape>;
  /** Fields that the rule checks, as other fields decide whether they count. */
  byRule?: Record<string, Shape>;
}

/** An object with fields; unknown ones are ignored. */
export function object<T>(
  { required = {}, optional = {}, byRule = {} }: Fields,
  rule?: Rule<T>,
): Shape {
  const check: Shape = (value, report) => {
    if (!isObject(value)) return report.add(value, 'an object');
    const before = report.problems.length;
    for (const name in required) report.check(name, value[name], required[name]!);
    for (const name in optional) {
      const field = value[name];
      if (field !== undefined) report.check(name, field, optional[name]!);
    }
    if (rule && report.problems.length === before) rule(value as T, report);
  };
  return Object.assign(check, { fields: { ...required, ...optional, ...byRule } });
}
