import { join } from 'node:path';

/** True where davit runs from its sources, as in its unit tests: false in a build. */
const fromSource = import.meta.filename.endsWith('.ts');

/** The directory of davit's code: src, or the one of the build. */
export const codeDirectory = import.meta.dirname;

/** The directory in which everything is davit's code: src, or dist. */
export const ownDirectory = fromSource ? codeDirectory : join(codeDirectory, '..');

/** The directory of davit's package, which also holds its plugins. */
export const packageDirectory = join(ownDirectory, '..');

/** What `import … from 'davit/plugin'` and `'davit/seccomp'` find. */
export const publicModules: Partial<Record<string, string>> = fromSource
  ? {
      'davit/plugin': join(codeDirectory, 'plugins/api.ts'),
      'davit/seccomp': join(codeDirectory, 'plugins/seccomp/api.ts'),
    }
  : {
      'davit/plugin': join(ownDirectory, 'plugin.js'),
      'davit/seccomp': join(codeDirectory, 'seccomp.js'),
    };
