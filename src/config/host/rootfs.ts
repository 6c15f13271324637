import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Spec } from '../types.ts';
import type { Report } from '../validate/report.ts';

/** `root.path` must be a directory. */
export function checkRootfs({ root }: Spec, bundle: string, report: Report): void {
  if (!root) return;
  const path = resolve(bundle, root.path);
  const found = look(path);
  if (found === 'directory') return;
  const where = path === root.path ? '' : ` (${path})`;
  report.add(root.path, `an existing directory${where}: ${found}`, 'root', 'path');
}

function look(path: string): string {
  try {
    return statSync(path).isDirectory() ? 'directory' : 'not a directory';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? 'no such file or directory' : String(code);
  }
}
