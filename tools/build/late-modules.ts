import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Plugin } from 'esbuild';

/**
 * Most commands do not need the systemd cgroup driver, and evaluating it takes half a millisecond.
 * Its importers get stand-ins for its functions, which evaluate the driver when one is called.
 */
export const lateModules: Plugin = {
  name: 'late-modules',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\/systemd\/\w+\.ts$/ }, ({ path, resolveDir, kind }) =>
      kind === 'require-call' ? undefined : { path: join(resolveDir, path), namespace: 'late' },
    );
    onLoad({ filter: /.*/, namespace: 'late' }, ({ path }) => ({
      contents: functionsOf(path)
        .map((name) => `export const ${name} = (...args) => require('${path}').${name}(...args);`)
        .join('\n'),
      resolveDir: dirname(path),
    }));
  },
};

function functionsOf(path: string): string[] {
  const source = readFileSync(path, 'utf8');
  return [...source.matchAll(/^export function (\w+)/gm)].map(([, name]) => name!);
}
