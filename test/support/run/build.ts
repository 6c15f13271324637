import { spawnSync } from 'node:child_process';
import { globSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DAVIT } from '../command.ts';

const SOURCES = ['{src,plugins}/**/*.{ts,css,html}', 'tools/**/*', 'package-lock.json'];

/** Builds dist/davit in `root` if its sources are newer, unless DAVIT names another davit. */
export function buildWhenStale(root: string): void {
  if (process.env.DAVIT) return;
  const built = statSync(join(root, 'dist/davit'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const newest = Math.max(
    ...globSync(SOURCES, { cwd: root }).map((file) => statSync(join(root, file)).mtimeMs),
  );
  if (newest < built) return;
  const { status } = spawnSync(process.execPath, ['tools/build.ts'], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('the build failed');
}

/** The directory with the files that DAVIT starts Node on. */
export const builtFiles = (): string =>
  join(dirname(DAVIT), /build-\w+/.exec(readFileSync(DAVIT, 'latin1'))![0]);
