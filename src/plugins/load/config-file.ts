import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { isObject } from '../../config/is-object.ts';
import { parseJson } from '../../config/json.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { trustedPath } from '../../state/trusted-path.ts';

/** Where a plugin is to be loaded from. */
export interface PluginSource {
  /** Path or package, as given. */
  specifier: string;
  /** File or directory that it is relative to. */
  base: string;
  /** `--plugin`, or the configuration file's path. */
  from: string;
  /** Uids that may own it, in addition to root and the caller. */
  owners: readonly number[];
  options?: unknown;
  /** Milliseconds. */
  timeout?: number;
}

/**
 * The plugins of a configuration file, in their order: `{ "plugins": ["./a.ts", { "plugin":
 * "davit-b", "options": {}, "timeout": 2000 }] }`. Throws for anything else, and for a file that
 * other users may write to. If the file is a symlink, paths are relative to its target.
 */
export function readConfigFile(path: string): PluginSource[] {
  const file = resolve(path);
  const base = trustedPath(file);
  const config = parseJson(readFileSync(base, 'utf8'), file);
  const fail = (where: string, expected: string): never => {
    throw new RuntimeError(`${file}: ${where}: expected ${expected}`);
  };
  if (!isObject(config)) return fail('$', 'an object');
  refuseOtherKeys(config, ['plugins'], (key) => fail(key, 'only "plugins"'));
  const { plugins = [] } = config;
  if (!Array.isArray(plugins)) return fail('plugins', 'a list');
  return plugins.map((entry, i) => {
    const at = (what: string, expected: string) => fail(`plugins[${i}]${what}`, expected);
    return { base, from: file, owners: [], ...readEntry(entry, at) };
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
  return fail('.timeout', 'a number of milliseconds above 0');
}

function refuseOtherKeys(
  value: Record<string, unknown>,
  known: readonly string[],
  refuse: (key: string) => void,
): void {
  for (const key of Object.keys(value)) if (!known.includes(key)) refuse(key);
}
