import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Bundle, type BundleOptions, makeBundle } from './bundle.ts';
import type { Result } from './command.ts';

/** A bundle, with plugins beside it that are loaded by its own configuration file. */
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
  /** What definePlugin is called with, but the name, by name. */
  plugins: Record<string, string>;
  /** Before the plugin, on the same line: imports, and what its functions share. */
  imports?: string;
  timeout?: number | undefined;
}

export interface BundleWithPlugins {
  bundle: Bundle;
  config: string;
  command(...args: string[]): Result;
  run(environment?: Record<string, string>): Result;
}

/** Runs the bundle, which fails as expected and leaves nothing. */
export function assertRunFails({ bundle, run }: BundleWithPlugins, expected: RegExp): void {
  const { status, stderr } = run();
  assert.match(stderr, expected);
  assert.equal(status, 1);
  bundle.expectNothingLeft();
}
