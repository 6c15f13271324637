import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DAVIT } from '../../support/command.ts';
import type { Enclosure } from './enclosure.ts';
import type { Engine } from './engine.ts';

/** The installed crun, made to work where cgroup v1 and v2 are side by side. */
const CRUN = join(import.meta.dirname, '../../support/crun.sh');

/**
 * Podman with its own storage. Scripts get the variables ENGINE (with the runtime), RUN, POD (`pod
 * create`) and REMOVE (`podman rm --force`, without waiting).
 */
export const podman: Engine & { configure(enclosure: Enclosure): void } = {
  name: 'podman',
  needs: ['podman', 'conmon', 'ip', 'script'],
  configure(enclosure) {
    // Podman's default limits need CAP_SYS_RESOURCE.
    enclosure.write(
      'containers.conf',
      `[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime_supports_json = ["crun", "runc", "davit"]
runtime_supports_nocgroup = ["crun", "davit"]
[engine.runtimes]
davit = ["${DAVIT}"]
runc = ["/usr/sbin/runc", "/usr/bin/runc"]
crun = ["${CRUN}"]
`,
    );
  },
  async start(enclosure) {
    this.configure(enclosure);
    const { dir } = enclosure;
    const { status, stderr } = enclosure.run(
      `tar -C ${dir}/rootfs -c . | $ENGINE import - bb; mkdir $DIR/v`,
      { env: this.variables(enclosure, DAVIT) },
    );
    assert.equal(status, 0, stderr);
  },
  variables({ dir, name }, runtime) {
    const chosen = runtime === DAVIT ? 'davit' : runtime;
    const places = `--root ${dir}/root --runroot ${dir}/run --tmpdir ${dir}/tmp`;
    const ENGINE = `podman ${places} --runtime ${chosen}`;
    return {
      ENGINE,
      RUN: `${ENGINE} run --cgroup-parent /${name}`,
      REMOVE: `${ENGINE} rm -f -t 0`,
      POD: `${ENGINE} pod create --cgroup-parent /${name} --infra-image bb`,
      DIR: dir,
      CONTAINERS_CONF: `${dir}/containers.conf`,
    };
  },
};
