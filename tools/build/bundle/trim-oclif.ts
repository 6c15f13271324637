import { readFileSync } from 'node:fs';
import type { Plugin } from 'esbuild';

const OCLIF = /node_modules\/@oclif\/core\/lib\//;
const TOP_LEVEL_REQUIRE =
  /^(?:const|var) (\w+) = ((?:__import(?:Default|Star)\()?require\([^)]*\)\)?);$/gm;
const STDOUT_LISTENER = /^process\.stdout\.on\('error'[\s\S]*?^\}\);$/m;
/** The modules of @oclif/core that are needed to define commands, flags and operands. */
const DEFINING =
  /@oclif\/core\/(package\.json|lib\/(args|cache|command|flags|logger|errors\/[\w/]+|util\/util)(\.js)?)$/;

/**
 * Makes @oclif/core cost no more than what is used of it. Its modules load others at their first
 * use: otherwise they load readline, streams, a terminal and colours to define three flags.
 * Importing Command no longer opens process.stdout, whose file description a container may share.
 */
export const trimOclif: Plugin = {
  name: 'trim-oclif',
  setup({ onLoad }) {
    onLoad({ filter: /node_modules\/@oclif\/core\/package\.json$/ }, ({ path }) => {
      const { name, version } = JSON.parse(readFileSync(path, 'utf8'));
      return { contents: JSON.stringify({ name, version }), loader: 'json' };
    });
    onLoad({ filter: /node_modules\/@oclif\/core\/lib\/.*\.js$/ }, ({ path }) => {
      const original = readFileSync(path, 'utf8');
      if (path.endsWith('/lib/command.js') && !STDOUT_LISTENER.test(original)) {
        throw new Error(`${path} no longer listens to process.stdout: adapt trim-oclif.ts`);
      }
      const contents = original
        .replace(STDOUT_LISTENER, '')
        .replace(TOP_LEVEL_REQUIRE, 'const $1 = __lazy(() => $2);');
      return { contents, loader: 'js' };
    });
  },
};

/** Leaves the rest of @oclif/core out of a bundle: its parser, help, configuration and colours. */
export const definitionsOnly: Plugin = {
  name: 'definitions-only',
  setup({ onResolve, onLoad, resolve }) {
    const resolving = {};
    onResolve({ filter: /^[^/]/ }, async ({ path, importer, resolveDir, kind, pluginData }) => {
      if (pluginData === resolving || !OCLIF.test(importer) || path.startsWith('node:')) return;
      const found = await resolve(path, { importer, resolveDir, kind, pluginData: resolving });
      if (DEFINING.test(found.path)) return { path: found.path };
      return { path: found.path || path, namespace: 'left-out' };
    });
    onLoad({ filter: /.*/, namespace: 'left-out' }, ({ path }) => ({
      contents: `throw new Error(${JSON.stringify(`${path.replace(/.*node_modules./, '')} was left out of davit`)})`,
      loader: 'js',
    }));
  },
};
