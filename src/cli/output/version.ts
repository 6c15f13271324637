import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { seccompVersion } from '../../syscalls/ffi/libseccomp.ts';
import { OCI_VERSION, version } from '../../version.ts';
import { STDOUT, write } from './output.ts';

/** `davit --version`, in the shape of runc's, which callers parse. Gives the exit status. */
export function printVersion(): number {
  const libraries = `node: ${process.version}\n${libseccomp()}`;
  write(
    STDOUT,
    `davit version ${version}
${commit()}spec: ${OCI_VERSION}
${libraries}`,
  );
  return 0;
}

/** build.ts leaves it beside the bundle; absent where davit runs from its sources. */
function commit(): string {
  try {
    return `commit: ${readFileSync(join(import.meta.dirname, 'commit'), 'utf8')}\n`;
  } catch {
    return '';
  }
}

/** Absent where the library is: then linux.seccomp is refused. */
function libseccomp(): string {
  try {
    return `libseccomp: ${seccompVersion()}\n`;
  } catch {
    return '';
  }
}
