import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** The files below dist/types that package.json's `exports` names. */
const entries = ['index.d.ts', 'plugins/api.d.ts', 'plugins/seccomp/api.d.ts'];

/**
 * Writes into `directory` the declarations of the modules that packages import from davit, and of
 * the modules that these import in turn. The rest of src/ gets none.
 */
export function writeDeclarations(root: string, directory: string): void {
  const all = mkdtempSync(join(tmpdir(), 'davit-types-'));
  try {
    compile(root, all);
    for (const file of reachable(all)) {
      const text = readFileSync(join(all, file), 'utf8');
      mkdirSync(dirname(join(directory, file)), { recursive: true });
      // A consumer's compiler resolves modules by their names at run time: .js, not .ts.
      writeFileSync(
        join(directory, file),
        text.replace(IMPORT, (name) => `${name.slice(0, -2)}js`),
      );
    }
  } finally {
    rmSync(all, { recursive: true });
  }
}

/** The specifier of another module of davit. */
const IMPORT = /(?<=(?:from |import\()['"])\.[^'"]+\.ts(?=['"])/g;

function compile(root: string, outDir: string): void {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const args = [tsc, '--project', join(root, 'tools/build/declarations.json'), '--outDir', outDir];
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the declarations do not compile:\n${stdout}`);
}

function reachable(directory: string): Set<string> {
  const found = new Set(entries);
  for (const file of found) {
    for (const [specifier] of readFileSync(join(directory, file), 'utf8').matchAll(IMPORT)) {
      found.add(join(dirname(file), specifier.slice(0, -3).concat('.d.ts')));
    }
  }
  return found;
}
