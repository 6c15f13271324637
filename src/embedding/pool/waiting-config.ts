import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringifyJson } from '../../config/json.ts';
import { parseSpec } from '../../config/load.ts';
import { packageDirectory } from '../../own-files.ts';
import type { PrivateFiles } from '../private-files.ts';
import { ownPool, POOL_ANNOTATION } from './pool-owner.ts';

const LAUNCHER = join(packageDirectory, 'dist', `davit-launcher-${process.arch}`);
/** Where the launcher is in the container: /dev is a file system of the container's own. */
const DESTINATION = '/dev/.davit-launcher';

/**
 * The configuration of a container whose program is the launcher, in place of its own. The launcher
 * is a copy: a container that has the rights to write to it could harm only its own pool.
 */
export function waitingConfig(config: string, files: PrivateFiles): string {
  const spec = parseSpec(config);
  const source = files.newPath();
  copyFileSync(LAUNCHER, source);
  return stringifyJson({
    ...spec,
    process: {
      user: { uid: 0, gid: 0 },
      cwd: '/',
      ...spec.process,
      terminal: false,
      args: [DESTINATION],
    },
    mounts: [
      ...(spec.mounts ?? []),
      {
        destination: DESTINATION,
        source,
        type: 'bind',
        options: ['bind', 'ro', 'nosuid', 'nodev'],
      },
    ],
    annotations: { ...spec.annotations, [POOL_ANNOTATION]: ownPool() },
  });
}
