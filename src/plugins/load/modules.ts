import { enableCompileCache, type LoadHookSync, registerHooks } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ownDirectory, publicModules } from '../../own-files.ts';
import { cacheDirectory } from '../../state/cache-directory.ts';
import { trustedPath } from '../../state/trusted-path.ts';
import { loadPackagedTypeScript } from './packaged-typescript.ts';
import type { PluginRequest } from './requested.ts';

let prepared = false;

type ModuleOwner = Pick<PluginRequest, 'environment' | 'trustedOwners'>;

/**
 * Lets modules anywhere import `davit/plugin` and `davit/seccomp` of this davit. Caches compiled
 * modules: stripping types takes 40 ms the first time. Refuses a module that does not belong to
 * root, the caller or `trustedOwners`.
 */
export function prepareModules({ environment, trustedOwners }: ModuleOwner): void {
  if (prepared) return;
  prepared = true;
  const directory = cacheDirectory('modules', environment, { rootless: process.geteuid!() !== 0 });
  registerHooks({ load: loadPackagedTypeScript(directory) });
  registerHooks({
    load: refuseForeign(trustedOwners),
    resolve(specifier, context, next) {
      const file = publicModules[specifier];
      if (file === undefined) return next(specifier, context);
      return { url: pathToFileURL(file).href, shortCircuit: true };
    },
  });
  if (directory !== undefined) enableCompileCache(directory);
}

/** davit's own files are exempt: who can change them needs no module. */
function refuseForeign(owners: readonly number[]): LoadHookSync {
  const own = pathToFileURL(`${ownDirectory}/`).href;
  return (url, context, next) => {
    if (url.startsWith('file:') && !url.startsWith(own)) trustedPath(fileURLToPath(url), ...owners);
    return next(url, context);
  };
}
