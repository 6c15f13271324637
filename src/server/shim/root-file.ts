import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The file of a bundle that says where the container's state is, while there is something of the
 * container: `delete` after a crash reads it. The script containerd-shim.sh has the name as well.
 */
const NAME = 'davit-root';

export const writeRoot = (bundle: string, root: string): void =>
  writeFileSync(join(bundle, NAME), root);

export const removeRoot = (bundle: string): void => rmSync(join(bundle, NAME), { force: true });

/** Throws ENOENT for a bundle of which no container is left. */
export const readRoot = (bundle: string): string => readFileSync(join(bundle, NAME), 'utf8');
