import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

/**
 * Bundles each plugin of `root`/plugins into `directory`, as plugin-NAME.cjs: Node's loader of ES
 * modules takes ten milliseconds to start. A plugin that looks for files beside itself
 * (import.meta) is not bundled. Returns the files that went into the bundles.
 */
export async function bundlePlugins(root: string, directory: string): Promise<string[]> {
  const inputs: string[] = [];
  for (const name of readdirSync(join(root, 'plugins'))) {
    const entry = join(root, 'plugins', name, 'index.ts');
    if (!existsSync(entry)) continue;
    const { warnings, outputFiles, metafile } = await build({
      entryPoints: [entry],
      bundle: true,
      platform: 'node',
      format: 'cjs',
      target: 'node26',
      minify: true,
      legalComments: 'none',
      alias: { 'davit/plugin': join(root, 'src/plugins/api.ts') },
      external: ['davit/*'],
      logLevel: 'error',
      write: false,
      metafile: true,
    });
    const isWhole = !warnings.some(({ id }) => id === 'empty-import-meta');
    if (!isWhole) continue;
    writeFileSync(join(directory, `plugin-${name}.cjs`), outputFiles[0]!.contents);
    inputs.push(...Object.keys(metafile.inputs));
  }
  return inputs;
}
