import assert from 'node:assert/strict';
import { DAVIT } from '../../support/command.ts';
import type { Engine } from './engine.ts';
import { podman } from './podman.ts';

/**
 * Podman as the user daemon, who has subordinate ids in the enclosure. Scripts get the variables
 * ENGINE, RUN and REMOVE.
 */
export const rootlessPodman: Engine = {
  name: 'rootless podman',
  needs: [...podman.needs, 'newuidmap', 'setpriv'],
  async start(enclosure) {
    const { dir } = enclosure;
    podman.configure(enclosure);
    const { status, stderr } = enclosure.run(
      `mkdir -m 700 ${dir}/home ${dir}/home/run; chown -R daemon ${dir}/home
      tar -C ${dir}/rootfs -c . | $ENGINE import - bb`,
      { env: this.variables(enclosure, DAVIT) },
    );
    assert.equal(status, 0, stderr);
  },
  variables({ dir }, runtime) {
    const home = `HOME=${dir}/home XDG_RUNTIME_DIR=${dir}/home/run DAVIT_TRACE_DIR=${dir}/home/traces`;
    const user = `setpriv --reuid daemon --regid daemon --clear-groups env -C ${dir}/home ${home}`;
    const chosen = runtime === DAVIT ? 'davit' : runtime;
    const ENGINE = `${user} podman --storage-driver vfs --runtime ${chosen}`;
    return {
      ENGINE,
      RUN: `${ENGINE} run --network none`,
      REMOVE: `${ENGINE} rm -f -t 0`,
      DIR: dir,
      CONTAINERS_CONF: `${dir}/containers.conf`,
    };
  },
};
