import { seccompVersion } from '../syscalls/libseccomp.ts';
import { OCI_VERSION, version } from '../version.ts';
import { STDOUT, write } from './output.ts';

/** `davit --version`, in the shape of runc's, which callers parse. Gives the exit status. */
export function printVersion(): number {
  const libraries = `node: ${process.version}\n${libseccomp()}`;
  write(STDOUT, `davit version ${version}\nspec: ${OCI_VERSION}\n${libraries}`);
  return 0;
}

/** Absent where the library is: then linux.seccomp is refused. */
function libseccomp(): string {
  try {
    return `libseccomp: ${seccompVersion()}\n`;
  } catch {
    return '';
  }
}
