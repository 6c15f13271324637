import { RuntimeError } from '../errors/runtime-error.ts';
import { findJsonFault } from './json-error.ts';

/**
 * Parses JSON. An integer that a number cannot hold exactly becomes a bigint.
 * Malformed text throws one line: `FILE:LINE:COLUMN: not JSON: expected …, found …`.
 */
export function parseJson(text: string, file: string): unknown {
  try {
    return LONG_INTEGER.test(text) ? JSON.parse(text, keepIntegers) : JSON.parse(text);
  } catch (error) {
    if (error instanceof RangeError) throw new RuntimeError(`${file}: ${TOO_DEEP}`);
    throw new RuntimeError(`${file}:${describeFault(text) ?? ` ${(error as Error).message}`}`);
  }
}

/**
 * The inverse of {@link parseJson}: bigints are written as integers. Throws {@link RuntimeError}
 * for a value that is nested too deeply for the stack: thousands of levels.
 */
export function stringifyJson(value: unknown, indent?: string): string {
  try {
    return withoutBigints(value, indent) ?? JSON.stringify(value, writeBigint, indent);
  } catch (error) {
    throw error instanceof RangeError ? new RuntimeError(TOO_DEEP) : error;
  }
}

/** A replacer is slow, so only values with a bigint get one. */
function withoutBigints(value: unknown, indent: string | undefined): string | undefined {
  try {
    return JSON.stringify(value, undefined, indent);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

const writeBigint = (_key: string, item: unknown): unknown =>
  typeof item === 'bigint' ? rawJSON(String(item)) : item;

const TOO_DEEP = 'the JSON is nested too deeply';

// 2^53 has 16 digits. A reviver is slow, so only texts with such a number get one.
const LONG_INTEGER = /[\s:,[-]\d{16}/;

function keepIntegers(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const source = context?.source ?? '';
  return /^-?\d+$/.test(source) ? BigInt(source) : value;
}

// TypeScript does not know JSON.rawJSON yet: https://tc39.es/proposal-json-parse-with-source
const rawJSON = (text: string): unknown =>
  (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(text);

function describeFault(text: string): string | undefined {
  const fault = findJsonFault(text);
  if (!fault) return undefined;
  const before = text.slice(0, fault.offset).split('\n');
  const found = text.slice(fault.offset, fault.offset + 1);
  const place = `${before.length}:${before.at(-1)!.length + 1}`;
  return `${place}: not JSON: expected ${fault.expected}, found ${found ? JSON.stringify(found) : 'the end of the file'}`;
}
