import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { isObject } from '../config/is-object.ts';
import { parseJson } from '../config/json.ts';
import { RuntimeError } from '../errors/runtime-error.ts';

/** Where a plugin is to be loaded from. */
export interface PluginSource {
  /** Path or package, as given. */
  specifier: string;
  /** File or directory that it is relative to. */
  base: string;
  /** `--plugin`, or the configuration file's path. */
  from: string;
  options?: unknown;
  /** Milliseconds. */
  timeout?: number;
}

/**
 * The plugins of a configuration file, in their order:
 * `{ "plugins": ["./a.ts", { "plugin": "davit-b", "options": {}, "timeout": 2000 }] }`.
 * Throws for anything else, and for a file that others may write to.
 */
export function readConfigFile(path: string): PluginSource[] {
  const file = resolve(path);
  const config = parseJson(readOwn(file), file);
  const fail = (where: string, expected: string): never => {
    throw new RuntimeError(`${file}: ${where}: expected ${expected}`);
  };
  if (!isObject(config)) return fail('$', 'an object');
  refuseOtherKeys(config, ['plugins'], (key) => fail(key, 'only "plugins"'));
  const { plugins = [] } = config;
  if (!Array.isArray(plugins)) return fail('plugins', 'a list');
  return plugins.map((entry, i) => {
    const at = (what: string, expected: string) => fail(`plugins[${i}]${what}`, expected);
    return { base: file, from: file, ...readEntry(entry, at) };
  });
}

function readEntry(
  entry: unknown,
  fail: (where: string, expected: string) => never,
): Pick<PluginSource, 'specifier' | 'options' | 'timeout'> {
  if (typeof entry === 'string' && entry) return { specifier: entry };
  if (!isObject(entry)) return fail('', 'a path, a package or an object');
  refuseOtherKeys(entry, ['plugin', 'options', 'timeout'], (key) =>
    fail(`.${key}`, '"plugin", "options" and "timeout" only'),
  );
  const { plugin, options, timeout } = entry;
  if (typeof plugin !== 'string' || !plugin) return fail('.plugin', 'a path or a package');
  if (timeout === undefined) return { specifier: plugin, options };
  if (typeof timeout === 'number' && timeout > 0) return { specifier: plugin, options, timeout };
  return fail('.timeout', 'milliseconds, more than 0');
}

function refuseOtherKeys(
  value: Record<string, unknown>,
  known: readonly string[],
  refuse: (key: string) => void,
): void {
  for (const key of Object.keys(value)) if (!known.includes(key)) refuse(key);
}

/** The file that was looked at is the one that is read, whoever may replace it meanwhile. */
function readOwn(file: string): string {
  const fd = openSync(file, 'r');
  try {
    refuseForeign(file, fd);
    return readFileSync(fd, 'utf8');
  } finally {
    closeSync(fd);
  }
}

/** What it names runs with our powers: nobody else may have a say in it. */
function refuseForeign(file: string, fd: number): void {
  const { uid, mode } = fstatSync(fd);
  const own = uid === 0 || uid === process.geteuid!();
  if (own && (mode & 0o022) === 0) return;
  throw new RuntimeError(
    `${file}: may be written by others than its user`,
    `it names code that davit runs: chown and chmod go-w ${file}`,
  );
}
