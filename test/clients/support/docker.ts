import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { DAVIT } from '../../support/command.ts';
import type { Enclosure } from './enclosure.ts';
import type { Engine } from './engine.ts';

const command = ({ dir }: Enclosure): string => `docker -H unix://${dir}/sock`;

/**
 * dockerd with its own containerd. Scripts get the variables ENGINE, RUN (`docker run` with the
 * runtime) and REMOVE (`docker rm --force`).
 */
export const docker = (...flags: string[]): Engine => ({
  name: 'docker',
  needs: ['docker', 'dockerd', 'containerd', 'ip', 'iptables', 'script'],
  async start(enclosure) {
    const { dir, name } = enclosure;
    // dockerd finds davit's shim there.
    enclosure.environment.PATH = `${dirname(DAVIT)}:${process.env.PATH}`;
    const runtimes = { davit: { path: DAVIT }, other: { path: '/usr/sbin/runc' } };
    const config = enclosure.write('daemon.json', JSON.stringify({ runtimes }));
    const daemon = [
      `dockerd --config-file ${config} --default-runtime davit --cgroup-parent /${name}`,
      `--data-root ${dir}/data --exec-root ${dir}/exec --pidfile ${dir}/docker.pid`,
      `-H unix://${dir}/sock --exec-opt native.cgroupdriver=cgroupfs`,
      ...flags,
    ].join(' ');
    const { status, stdout, stderr } = enclosure.run(`
      setsid ${daemon} >${dir}/log 2>&1 </dev/null &
      until ${command(enclosure)} version >/dev/null 2>&1; do
        kill -0 $! || { cat ${dir}/log >&2; exit 1; }
        sleep .1
      done
      tar -C ${dir}/rootfs -c . | ${command(enclosure)} import - bb`);
    assert.equal(status, 0, stdout + stderr);
  },
  variables(enclosure, runtime) {
    const ENGINE = command(enclosure);
    const chosen = runtime === DAVIT ? 'davit' : 'other';
    return {
      ENGINE,
      RUN: `${ENGINE} run --runtime ${chosen}`,
      REMOVE: `${ENGINE} rm -f`,
      DIR: enclosure.dir,
    };
  },
});
