import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { seccompVersion } from '../../syscalls/ffi/libseccomp.ts';
import { OCI_VERSION, version } from '../../version.ts';
import type { Output } from './output.ts';

/** Prints `davit --version` in runc's format, which callers parse. Returns the exit status. */
export function printVersion(output: Output): number {
  const libraries = `node: ${process.version}\n${libseccomp()}`;
  output.write(
    `davit version ${version}
${commit()}spec: ${OCI_VERSION}
${libraries}`,
  );
  return 0;
}

/** The build writes this file beside the bundle. Absent when davit runs from its sources. */
function commit(): string {
  try {
    return `commit: ${readFileSync(join(import.meta.dirname, 'commit'), 'utf8')}\n`;
  } catch {
    return '';
  }
}

/** Empty when libseccomp is not installed; davit then refuses linux.seccomp. */
function libseccomp(): string {
  try {
    return `libseccomp: ${seccompVersion()}\n`;
  } catch {
    return '';
  }
}
