import { RuntimeError } from '../../errors/runtime-error.ts';
import { atField } from '../../errors/stage-error.ts';
import { hasErrno } from '../../errors/syscall-error.ts';
import { readFile, writeLines } from '../files.ts';

/** Writes the files that linux.resources.unified names, with one write(2) for each line. */
export function applyUnified(dir: string, unified: Record<string, string>): void {
  for (const [file, content] of Object.entries(unified)) {
    atField(`linux.resources.unified["${file}"]`, () => {
      if (file.includes('/')) {
        throw new RuntimeError(`unified resource "${file}" must be a file name (no slashes)`);
      }
      try {
        writeLines(dir, file, content.split(/(?<=\n)/));
      } catch (error) {
        throw explain(error, dir, file);
      }
    });
  }
}

function explain(error: unknown, dir: string, file: string): unknown {
  if (hasErrno(error, 'EACCES', 'EPERM', 'ENOENT')) {
    const [controller] = file.split('.', 1) as [string];
    if (controller === file) {
      return new RuntimeError(
        `unified resource "${file}" must be in the form CONTROLLER.PARAMETER`,
      );
    }
    if (controller !== 'cgroup' && !controllersOf(dir).includes(controller)) {
      return new RuntimeError(
        `unified resource "${file}" can't be set: controller "${controller}" not available`,
      );
    }
  }
  const problem = error instanceof Error ? error.message : String(error);
  return new RuntimeError(`unable to set unified resource "${file}": ${problem}`);
}

/** The controllers of a v2 cgroup: cgroup.controllers. */
export const controllersOf = (dir: string): string[] =>
  readFile(dir, 'cgroup.controllers').trim().split(' ').filter(Boolean);
