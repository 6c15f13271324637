import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Stage } from '../../../src/context/stage.ts';
import { lifecycle } from '../../../src/lifecycle/stages.ts';

/** The files below dist/types that package.json's `exports` names. */
const entries = [
  'index.d.ts',
  'plugins/api.d.ts',
  'plugins/seccomp/api.d.ts',
  'plugins/testing/test-container.d.ts',
];

/**
 * Writes into `directory` the declarations of the modules that packages import from davit, and of
 * the modules that these import in turn. The rest of src/ gets none. `directory`/commonjs holds the
 * same for CommonJS modules: a compiler takes declarations for what the nearest package.json says.
 */
export function writeDeclarations(root: string, directory: string): void {
  const all = mkdtempSync(join(tmpdir(), 'davit-types-'));
  try {
    compile(root, all);
    writeFileSync(join(all, 'lifecycle/stages.d.ts'), stageNames());
    for (const [type, place] of Object.entries({ module: '.', commonjs: 'commonjs' })) {
      for (const file of reachable(all)) copy(join(all, file), join(directory, place, file));
      writeFileSync(join(directory, place, 'package.json'), JSON.stringify({ type }));
    }
  } finally {
    rmSync(all, { recursive: true });
  }
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  // A consumer's compiler resolves modules by their names at run time: .js, not .ts.
  const text = readFileSync(from, 'utf8').replace(IMPORT, (name) => `${name.slice(0, -2)}js`);
  writeFileSync(to, text);
}

/**
 * The names of the commands and stages, in place of the lists: their types would name all of src/.
 */
function stageNames(): string {
  const stages = Object.values(lifecycle).flat() as readonly Stage[];
  const union = (found: readonly Stage[]) =>
    [...new Set(found.map(({ name }) => `'${name}'`))].join(' | ');
  return `export type RuntimeStageName = ${union(stages.filter(({ side }) => side === 'runtime'))};
export type ContainerStageName = ${union(stages.filter(({ side }) => side === 'container'))};
export type StageName = RuntimeStageName | ContainerStageName;
export type CommandName = ${[...Object.keys(lifecycle), 'run'].map((name) => `'${name}'`).join(' | ')};
`;
}

/** The specifier of another module of davit. */
const IMPORT = /(?<=(?:from |import\()['"])\.[^'"]+\.ts(?=['"])/g;

function compile(root: string, outDir: string): void {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const args = [
    tsc,
    '--project',
    join(root, 'tools/build/files/declarations.json'),
    '--outDir',
    outDir,
  ];
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
