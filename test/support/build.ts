import { spawnSync } from 'node:child_process';
import { globSync, statSync } from 'node:fs';
import { join } from 'node:path';

const SOURCES = ['{src,plugins}/**/*.{ts,css,html}', 'tools/**/*', 'package-lock.json'];

/** Builds dist/davit in `root` where its sources are newer, unless DAVIT names another. */
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
