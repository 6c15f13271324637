import { enableCompileCache, type LoadHookSync, registerHooks } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ownDirectory, publicModules } from '../../own-files.ts';
import { cacheDirectory } from '../../state/cache-directory.ts';
import { trustedPath } from '../../state/trusted-path.ts';
import { loadPackagedTypeScript } from './packaged-typescript.ts';

let prepared = false;

/**
 * Lets modules import `davit/plugin` and `davit/seccomp` from wherever they are, and get those of this
 * davit. What Node makes of them is kept: stripping types takes 40 ms the first time. A module that belongs to
 * others than root, the caller and `owners` is refused.
 */
export function prepareModules(owners: readonly number[]): void {
  if (prepared) return;
  prepared = true;
  const directory = cacheDirectory('modules', process.env, { rootless: process.geteuid!() !== 0 });
  registerHooks({ load: loadPackagedTypeScript(directory) });
  registerHooks({
    load: refuseForeign(owners),
    resolve(specifier, context, next) {
      const file = publicModules[specifier];
      if (file === undefined) return next(specifier, context);
      return { url: pathToFileURL(file).href, shortCircuit: true };
    },
  });
  if (directory !== undefined) enableCompileCache(directory);
}

/** Whoever can change davit's own files needs no module. */
function refuseForeign(owners: readonly number[]): LoadHookSync {
  const own = pathToFileURL(`${ownDirectory}/`).href;
  return (url, context, next) => {
    if (url.startsWith('file:') && !url.startsWith(own)) trustedPath(fileURLToPath(url), ...owners);
    return next(url, context);
  };
}
