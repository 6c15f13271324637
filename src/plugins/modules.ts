import { enableCompileCache, registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import { cacheDirectory } from '../state/cache-directory.ts';
import { loadPackagedTypeScript } from './packaged-typescript.ts';

let prepared = false;

/**
 * Lets modules import `davit/plugin` and `davit/seccomp` from wherever they are, and get those of this
 * davit. What Node makes of them is kept: stripping types takes 40 ms the first time.
 */
export function prepareModules(): void {
  if (prepared) return;
  prepared = true;
  const files = publicModules();
  const directory = cacheDirectory('modules', process.env, { rootless: process.geteuid!() !== 0 });
  registerHooks({
    load: loadPackagedTypeScript(directory),
    resolve(specifier, context, next) {
      const file = files[specifier];
      if (file === undefined) return next(specifier, context);
      return { url: pathToFileURL(file).href, shortCircuit: true };
    },
  });
  if (directory !== undefined) enableCompileCache(directory);
}

/** A build has seccomp.js beside this bundle and plugin.js above it; a source tree has its own. */
function publicModules(): Partial<Record<string, string>> {
  const directory = import.meta.dirname;
  return import.meta.filename.endsWith('.ts')
    ? { 'davit/plugin': `${directory}/api.ts`, 'davit/seccomp': `${directory}/seccomp/api.ts` }
    : { 'davit/plugin': `${directory}/../plugin.js`, 'davit/seccomp': `${directory}/seccomp.js` };
}
