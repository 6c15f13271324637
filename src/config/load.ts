import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ConfigError } from '../errors/config-error.ts';
import { RuntimeError } from '../errors/runtime-error.ts';
import { hasErrno } from '../errors/syscall-error.ts';
import { isObject } from './is-object.ts';
import { parseJson } from './json.ts';
import type { LinuxResources, Process, Spec } from './types.ts';
import type { Shape } from './validate/checks/report.ts';
import { adoptKeys } from './validate/key-case.ts';
import { fillProcess, fillResources, fillSpec } from './zero-values.ts';

/**
 * Reads `bundle`'s config.json, or `file` instead. The result is not validated: it may be any JSON
 * object. A missing file is reported in runc's words, malformed JSON with file, line and column.
 * With `shape`, keys in another case get the case of the schema: give it for files that callers
 * wrote.
 */
export function loadSpec(bundle: string, file = join(bundle, 'config.json'), shape?: Shape): Spec {
  return parseSpec(readConfig(file, bundle), file, shape);
}

/** {@link loadSpec} for a text. */
export function parseSpec(text: string, file = 'config.json', shape?: Shape): Spec {
  const value = parseJson(text, file);
  // Validation finds all other errors, but callers read properties before it.
  if (!isObject(value)) {
    throw new ConfigError([{ path: '$', value, expected: 'an object' }], file);
  }
  if (shape) adoptKeys(value, shape);
  return fillSpec(value, text) as Spec;
}

/** Reads the file of `exec --process`: a `process` object alone, not validated. */
export function parseProcess(text: string, file: string, shape: Shape): Process {
  const value = parseJson(text, file);
  adoptKeys(value, shape);
  return fillProcess(value, text) as Process;
}

/** Reads the file of `update --resources`: a `resources` object alone, not validated. */
export function parseResources(text: string, file: string, shape: Shape): LinuxResources {
  const value = parseJson(text, file);
  adoptKeys(value, shape);
  return fillResources(value, text) as LinuxResources;
}

function readConfig(file: string, bundle: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (!hasErrno(error, 'ENOENT')) throw error;
    if (!statSync(bundle, { throwIfNoEntry: false })) {
      throw new RuntimeError(`chdir ${bundle}: no such file or directory`);
    }
    const name = dirname(file) === bundle ? basename(file) : file;
    throw new RuntimeError(
      `JSON specification file ${name} not found`,
      'davit spec writes a config.json to begin with; --bundle names the directory that holds one',
    );
  }
}
