import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Bundle, type BundleOptions, makeBundle } from './bundle.ts';
import type { Result } from './command.ts';

/** Makes a bundle with plugins beside it and a configuration file that lists them. */
export function bundleWithPlugins(
  t: TestContext,
  { plugins, imports = '', timeout, ...rest }: BundleOptions & PluginsOfTest,
): BundleWithPlugins {
  const bundle = makeBundle(t, rest);
  const entries = Object.entries(plugins).map(([name, parts]) => {
    const file = join(bundle.dir, `${name}.ts`);
    const text = `import { definePlugin } from 'davit/plugin';${imports}
export default definePlugin({ name: '${name}', ${parts} });\n`;
    writeFileSync(file, text);
    return { plugin: `./${name}.ts`, timeout, options: { of: name } };
  });
  const config = join(bundle.dir, 'davit.json');
  writeFileSync(config, JSON.stringify({ plugins: entries }));
  const env = { DAVIT_CONFIG: config };
  const command = (...args: string[]) => bundle.runtimeWith({ env }, ...args);
  return {
    ...{ bundle, config, command },
    run: (more) =>
      bundle.runtimeWith({ env: { ...env, ...more } }, 'run', '--bundle', bundle.dir, bundle.id),
  };
}

interface PluginsOfTest {
  /** The argument of definePlugin without `name`, by the plugin's name. */
  plugins: Record<string, string>;
  /** Code before definePlugin, on the same line: imports and shared functions. */
  imports?: string;
  timeout?: number | undefined;
}

export interface BundleWithPlugins {
  bundle: Bundle;
  config: string;
  command(...args: string[]): Result;
  run(environment?: Record<string, string>): Result;
}

/** Runs the bundle, expects it to fail with a message, and expects nothing to be left. */
export function assertRunFails({ bundle, run }: BundleWithPlugins, expected: RegExp): void {
  const { status, stderr } = run();
  assert.match(stderr, expected);
  assert.equal(status, 1);
  bundle.expectNothingLeft();
}
