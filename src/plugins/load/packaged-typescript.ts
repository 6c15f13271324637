import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type LoadHookSync, stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';
import { writeAtomically } from '../../state/write-atomically.ts';

/**
 * Loads TypeScript below node_modules. Elsewhere Node strips the types itself.
 * @param cache directory for the sources without types.
 */
export const loadPackagedTypeScript =
  (cache: string | undefined): LoadHookSync =>
  (url, context, next) => {
    if (!/\/node_modules\/.*\.[cm]?ts$/.test(url)) return next(url, context);
    const format = context.format === 'commonjs-typescript' ? 'commonjs' : 'module';
    const source = strip(readFileSync(fileURLToPath(url), 'utf8'), cache);
    return { format, source, shortCircuit: true };
  };

/**
 * Loading Node's type stripper takes tens of milliseconds in each command, so results are cached.
 */
function strip(source: string, cache: string | undefined): string {
  if (cache === undefined) return stripTypeScriptTypes(source);
  const file = `${cache}/${hash('sha256', source)}.js`;
  try {
    return readFileSync(file, 'utf8');
  } catch {
    const stripped = stripTypeScriptTypes(source);
    keep(file, stripped);
    return stripped;
  }
}

/** Writes the whole file or nothing. A cache that cannot be written is ignored. */
function keep(file: string, text: string): void {
  const temporary = `${file}.${process.pid}`;
  try {
    writeAtomically(file, text, { temporary, mode: 0o600 });
  } catch {
    // The next command strips again.
  }
}
