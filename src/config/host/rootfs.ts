import { realpathSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import type { Spec } from '../types.ts';
import type { Report } from '../validate/checks/report.ts';

/**
 * `root.path` must be a directory and, as in runc, not a symlink to one: with a symlink, an
 * unpacked image could make any directory of the host the rootfs. The bundle's own path may have
 * symlinks.
 */
export function checkRootfs({ root }: Spec, bundle: string, report: Report): void {
  if (!root) return;
  const path = resolve(bundle, root.path);
  const problem = look(path) ?? lookForSymlink(root.path, bundle);
  if (problem === undefined) return;
  const where = path === root.path ? '' : ` (${path})`;
  report.add(root.path, `an existing directory${where}: ${problem}`, 'root', 'path');
}

function look(path: string): string | undefined {
  try {
    return statSync(path).isDirectory() ? undefined : 'not a directory';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? 'no such file or directory' : String(code);
  }
}

/** An absolute path may lead through a symlink (engines move their storage) but not end in one. */
function lookForSymlink(path: string, bundle: string): string | undefined {
  const named = isAbsolute(path)
    ? join(realpathSync(dirname(path)), basename(path))
    : resolve(realpathSync(bundle), path);
  const real = realpathSync(named);
  return real === named ? undefined : `a symbolic link leads to ${real}`;
}
