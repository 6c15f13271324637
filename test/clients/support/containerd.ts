import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { DAVIT } from '../../support/command.ts';
import type { Enclosure } from './enclosure.ts';
import type { Engine } from './engine.ts';

const command = ({ dir }: Enclosure): string => `ctr -a ${dir}/sock`;

/**
 * A directory with another containerd, ctr and containerd-shim-runc-v2 than the machine's:
 * `DAVIT_TEST_CONTAINERD=/opt/containerd-2/bin npm test test/clients/containerd`.
 */
const OTHER_CONTAINERD = process.env.DAVIT_TEST_CONTAINERD;

/**
 * A script that starts containerd, and waits until it answers; `dir`/start-containerd is the same
 * script. `settings` are the first lines of its configuration, and `plugins` the last.
 */
export function startContainerd(enclosure: Enclosure, settings: string, plugins = ''): string {
  const { dir } = enclosure;
  const path = [OTHER_CONTAINERD, dirname(DAVIT), process.env.PATH].filter(Boolean);
  enclosure.environment.PATH = path.join(':');
  const config = enclosure.write(
    'config.toml',
    `version = 2
root = "${dir}/root"
state = "${dir}/state"
${settings}
[grpc]
  address = "${dir}/sock"
[plugins."io.containerd.internal.v1.opt"]
  path = "${dir}/opt"
${plugins}`,
  );
  const script = `
  setsid containerd -c ${config} >>${dir}/log 2>&1 </dev/null &
  until ${command(enclosure)} version >/dev/null 2>&1; do
    kill -0 $! || { cat ${dir}/log >&2; exit 1; }
    sleep .1
  done`;
  enclosure.write('start-containerd', script);
  return script;
}

/** containerd alone, with runc's shim. Scripts have CTR, and RUN: `ctr run` with the runtime. */
export const containerd: Engine = {
  name: 'containerd',
  needs: ['containerd', 'containerd-shim-runc-v2', 'ctr', 'ip', 'script'],
  async start(enclosure) {
    const script = startContainerd(enclosure, 'disabled_plugins = ["io.containerd.grpc.v1.cri"]');
    const { status, stderr } = enclosure.run(script);
    assert.equal(status, 0, stderr);
  },
  variables(enclosure, runtime) {
    const CTR = command(enclosure);
    const { dir, name } = enclosure;
    const RUN = `${CTR} run --runc-binary ${runtime} --cgroup /${name}/c --env PATH=/bin`;
    return { CTR, RUN, ROOTFS: `--rootfs ${dir}/rootfs`, DIR: dir };
  },
};

/** The same with davit's own shim, and runc's shim beside it. RUN_IN still needs a cgroup's name. */
export const containerdShim: Engine = {
  ...containerd,
  name: "davit's shim",
  variables(enclosure, runtime) {
    const CTR = command(enclosure);
    const { dir, name } = enclosure;
    const shim = runtime === DAVIT ? 'io.containerd.davit.v1' : 'io.containerd.runc.v2';
    const RUN_IN = `${CTR} run --runtime ${shim} --env PATH=/bin --cgroup /${name}`;
    const ROOTFS = `--rootfs ${dir}/rootfs`;
    return { CTR, RUN: `${RUN_IN}/c`, RUN_IN, ROOTFS, CGROUP: `/${name}`, DIR: dir };
  },
};
