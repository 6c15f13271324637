import assert from 'node:assert/strict';
import type { Enclosure } from './enclosure.ts';
import type { Engine } from './engine.ts';

const command = ({ dir }: Enclosure): string => `ctr -a ${dir}/sock`;

/** containerd alone. Scripts have CTR, and RUN: `ctr run` with the runtime. */
export const containerd: Engine = {
  name: 'containerd',
  needs: ['containerd', 'containerd-shim-runc-v2', 'ctr', 'ip', 'script'],
  async start(enclosure) {
    const { dir } = enclosure;
    const config = enclosure.write(
      'config.toml',
      `version = 2
root = "${dir}/root"
state = "${dir}/state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
  address = "${dir}/sock"
[plugins."io.containerd.internal.v1.opt"]
  path = "${dir}/opt"
`,
    );
    const { status, stderr } = enclosure.run(`
      setsid containerd -c ${config} >${dir}/log 2>&1 </dev/null &
      until ${command(enclosure)} version >/dev/null 2>&1; do
        kill -0 $! || { cat ${dir}/log >&2; exit 1; }
        sleep .1
      done`);
    assert.equal(status, 0, stderr);
  },
  variables(enclosure, runtime) {
    const CTR = command(enclosure);
    const { dir, name } = enclosure;
    const RUN = `${CTR} run --runc-binary ${runtime} --cgroup /${name}/c --env PATH=/bin`;
    return { CTR, RUN, ROOTFS: `--rootfs ${dir}/rootfs`, DIR: dir };
  },
};
