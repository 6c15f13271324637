import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Files that take longest. They begin first, each in a process of its own. */
export const LONG = [
  'test/integration/server/interrupted.test.ts',
  'test/integration/life/failing-stages.test.ts',
  'test/integration/server/processes.test.ts',
  'test/integration/life/crash.test.ts',
  'test/integration/server/making-interrupted.test.ts',
  'test/integration/attacks/take-over.test.ts',
  'test/integration/examples.test.ts',
  'test/integration/embedding/both-ways.test.ts',
  'test/integration/package.test.ts',
  'test/unit/cli/build.test.ts',
];

/** Files that change their process, for instance its environment. */
export const ALONE = [
  'test/integration/command-line/front.test.ts',
  'test/integration/failures/failures.test.ts',
  'test/integration/init/shared.test.ts',
  'test/unit/trace/record/embedding-program.test.ts',
];

/** For the other files: more than run at once, so that they keep all CPUs busy until the end. */
const PROCESSES = 32;

/** What one process of a run of tests runs. */
export interface Group {
  readonly files: readonly string[];
  /** The module that the process runs: a test file, or one that imports several. */
  readonly entry: string;
}

/**
 * Puts test files into groups, each of which one process runs: a process takes as long to start and
 * to load davit's modules as many of the files take. Entries go into `directory`.
 */
export function groupFiles(root: string, files: readonly string[], directory: string): Group[] {
  const long = LONG.filter((file) => files.includes(file));
  const alone = files.filter((file) => ALONE.includes(file));
  const others = files.filter((file) => ![...long, ...alone].includes(file));
  const groups = [...long, ...alone].map((file) => [file]);
  // Neighbours are alike, also in how long they take, so they go to different processes.
  for (let i = 0; i < Math.min(PROCESSES, others.length); i++)
    groups.push(others.filter((_, at) => at % PROCESSES === i));
  mkdirSync(directory);
  return groups.map((group, i) => {
    const paths = group.map((file) => join(root, file));
    if (paths.length === 1) return { files: group, entry: paths[0]! };
    const entry = join(directory, `group-${i}.mjs`);
    writeFileSync(entry, paths.map((path) => `import '${pathToFileURL(path)}';\n`).join(''));
    return { files: group, entry };
  });
}
