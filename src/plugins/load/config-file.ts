import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseJson } from '../../config/json.ts';
import { Report } from '../../config/validate/checks/report.ts';
import {
  anything,
  list,
  numberAbove0,
  object,
  string,
  stringOrObject,
  stringThat,
} from '../../config/validate/checks/shape.ts';
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

const specifier = stringThat('a path or a package', (text) => text !== '');

/** davit's configuration file. `$schema` is for editors. */
export const configFileShape = object({
  optional: {
    $schema: string,
    plugins: list(
      stringOrObject(
        specifier,
        object({
          required: { plugin: specifier },
          optional: {
            options: anything,
            timeout: numberAbove0('a number of milliseconds above 0'),
          },
          others: '"plugin", "options" and "timeout" only',
        }),
        'a path, a package or an object',
      ),
    ),
  },
  others: 'only "plugins"',
});

/** A file that has this shape. */
interface ConfigFile {
  plugins?: (string | { plugin: string; options?: unknown; timeout?: number })[];
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
  const report = new Report();
  configFileShape(config, report);
  const [problem] = report.problems;
  if (problem) throw new RuntimeError(`${file}: ${problem.path}: expected ${problem.expected}`);
  const { plugins = [] } = config as ConfigFile;
  return plugins.map((entry) => {
    const { plugin, ...rest } = typeof entry === 'string' ? { plugin: entry } : entry;
    return { base, from: file, owners: [], specifier: plugin, ...rest };
  });
}
