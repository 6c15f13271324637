import { DAVIT } from '../../support/command.ts';
import type { Engine } from './engine.ts';

/**
 * Buildah with its own storage. Scripts get the variables ENGINE, BUILD (`buildah build` of DIR
 * with the runtime) and RUN (`buildah run`).
 */
export const buildah: Engine = {
  name: 'buildah',
  needs: ['buildah', 'runc'],
  async start() {},
  variables({ dir, name }, runtime) {
    const ENGINE = `buildah --root ${dir}/storage --runroot ${dir}/run --storage-driver vfs`;
    const isolated = `--isolation oci --runtime ${runtime === DAVIT ? DAVIT : `/usr/sbin/${runtime}`}`;
    return {
      ENGINE,
      BUILD: `${ENGINE} build --no-cache --cgroup-parent /${name} ${isolated}`,
      RUN: `${ENGINE} run ${isolated}`,
      DIR: dir,
    };
  },
};
