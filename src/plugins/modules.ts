import { mkdirSync, statSync } from 'node:fs';
import { enableCompileCache, registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { loadPackagedTypeScript } from './packaged-typescript.ts';

let prepared = false;

/**
 * Lets modules import `davit/plugin` from wherever they are, and get the one of this davit. What
 * Node makes of them is kept: stripping types takes 40 ms the first time.
 */
export function prepareModules(): void {
  if (prepared) return;
  prepared = true;
  const url = pathToFileURL(publicApi()).href;
  const directory = cacheDirectory(process.env);
  registerHooks({
    load: loadPackagedTypeScript(directory),
    resolve: (specifier, context, next) =>
      specifier === 'davit/plugin' ? { url, shortCircuit: true } : next(specifier, context),
  });
  if (directory !== undefined) enableCompileCache(directory);
}

/** The build's plugin.js is beside davit, a directory above this bundle; a source tree has its own. */
const publicApi = (): string =>
  import.meta.filename.endsWith('.ts')
    ? join(import.meta.dirname, 'api.ts')
    : join(import.meta.dirname, '../plugin.js');

/** Ours alone, or none: who could write there could change what davit runs. */
function cacheDirectory({ XDG_CACHE_HOME, HOME }: NodeJS.ProcessEnv): string | undefined {
  const euid = process.geteuid!();
  const base = euid === 0 ? '/var/cache' : XDG_CACHE_HOME || (HOME && `${HOME}/.cache`);
  if (!base) return undefined;
  const directory = `${base}/davit/modules`;
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const { uid, mode } = statSync(directory);
    return uid === euid && (mode & 0o022) === 0 ? directory : undefined;
  } catch {
    return undefined;
  }
}
