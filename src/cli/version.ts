import { version } from '../version.ts';
import { STDOUT, write } from './output.ts';

/** The runtime-spec release that davit implements. */
export const specVersion = '1.3.0';

/** `davit --version`, in the shape of runc's, which callers parse. Gives the exit status. */
export function printVersion(): number {
  write(STDOUT, `davit version ${version}\nspec: ${specVersion}\nnode: ${process.version}\n`);
  return 0;
}
