import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringifyJson } from '../../config/json.ts';
import { parseSpec } from '../../config/load.ts';
import type { Spec } from '../../config/types.ts';
import { packageDirectory } from '../../own-files.ts';
import type { PrivateFiles } from '../private-files.ts';
import { ownPool, POOL_ANNOTATION } from './pool-owner.ts';

const LAUNCHER = join(packageDirectory, 'dist', `davit-launcher-${process.arch}`);
/** Where the launcher is in the container: /dev is a file system of the container's own. */
const DESTINATION = '/dev/.davit-launcher';

/**
 * The configurations of containers whose program is the launcher, in place of their own. The launcher
 * is a copy: a container that has the rights to write to it could harm only its own pool.
 */
export function waitingConfigs(config: string, files: PrivateFiles): (id: string) => string {
  const spec = parseSpec(config);
  const source = files.newPath();
  copyFileSync(LAUNCHER, source);
  const waiting: Spec = {
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
  };
  const text = stringifyJson(waiting);
  return (id) => (spec.linux?.cgroupsPath ? stringifyJson(inOwnCgroup(waiting, id)) : text);
}

/** One container's end removes its cgroup: no other may be in it. */
const inOwnCgroup = (spec: Spec, id: string): Spec => ({
  ...spec,
  linux: { ...spec.linux, cgroupsPath: `${spec.linux?.cgroupsPath}-${id}` },
});
