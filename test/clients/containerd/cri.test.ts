import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { has } from '../../support/host/has.ts';
import { waitFor } from '../../support/wait-for.ts';
import { cgroupFiles } from '../support/cgroup-files.ts';
import { callCri } from '../support/cri.ts';
import { withEngine } from '../support/engine.ts';
import { kubernetes } from '../support/kubernetes.ts';
import { decode, type Fields } from '../support/protobuf.ts';

const { skip, run, enclosure } = withEngine(kubernetes);

const call = (method: string, request: Fields) =>
  callCri(`${enclosure().dir}/sock`, method, request);
const text = (value: unknown): string => String(value ?? '');

const HANDLERS = ['davit', 'davit-shim', ...(has('runc') ? ['runc'] : [])];

const CONTAINER_EXITED = 2;

/** The node's own namespaces: with its network, no CNI plugin is needed. */
const pod = (handler: string): Fields => ({
  1: { 1: `pod-${handler}`, 2: `uid-${handler}`, 3: 'default' },
  3: `${enclosure().dir}/logs-${handler}`,
  8: { 1: `/${enclosure().name}/pod-${handler}`, 2: { 1: { 1: 2 } } },
});

for (const handler of HANDLERS) {
  test(`CRI: a pod's life with the handler ${handler}`, { skip }, async () => {
    const sandbox = text((await call('RunPodSandbox', { 1: pod(handler), 2: handler }))[1]);
    const config = {
      1: { 1: 'web' },
      2: { 1: 'docker.io/library/bb:1' },
      3: ['sh', '-c', 'sleep 1000; true'],
      15: { 1: { 1: 100_000, 2: 50_000, 4: 64 << 20 } },
    };
    const created = await call('CreateContainer', { 1: sandbox, 2: config, 3: pod(handler) });
    const id = text(created[1]);
    await call('StartContainer', { 1: id });

    const exec = async (...args: string[]) => {
      const done = await call('ExecSync', { 1: id, 2: args, 3: 10 });
      return { stdout: text(done[1]), status: done[3] ?? 0 };
    };
    assert.deepEqual(await exec('sh', '-c', 'echo ran; exit 9'), { stdout: 'ran\n', status: 9 });
    assert.equal((await exec('cat', cgroupFiles.memory)).stdout, '67108864\n');
    await call('UpdateContainerResources', { 1: id, 2: { 4: 128 << 20 } });
    assert.equal((await exec('cat', cgroupFiles.memory)).stdout, '134217728\n');
    await assert.rejects(exec('nope'), /executable file not found/);
    assert.ok((await call('ContainerStats', { 1: id }))[1]);

    await call('StopContainer', { 1: id, 2: 0 });
    const { 1: status } = await call('ContainerStatus', { 1: id });
    assert.equal(decode(status as Buffer)[3], CONTAINER_EXITED);
    await call('RemoveContainer', { 1: id });
    await call('StopPodSandbox', { 1: sandbox });
    await call('RemovePodSandbox', { 1: sandbox });
  });
}

for (const handler of HANDLERS) {
  test(`CRI: containerd starts anew with the handler ${handler}: log and status are whole`, {
    skip,
  }, async () => {
    const sandbox = text((await call('RunPodSandbox', { 1: pod(handler), 2: handler }))[1]);
    const config = {
      1: { 1: 'counter' },
      2: { 1: 'docker.io/library/bb:1' },
      3: ['sh', '-c', 'i=0; while [ $i -lt 40 ]; do echo $((i += 1)); sleep .1; done; exit 3'],
      11: 'log',
    };
    const created = await call('CreateContainer', { 1: sandbox, 2: config, 3: pod(handler) });
    const id = text(created[1]);
    await call('StartContainer', { 1: id });
    const { dir } = enclosure();
    const { stderr } = run(`
      pkill -KILL -x containerd; while pgrep -x containerd; do sleep .1; done >/dev/null
      sleep 1
      sh ${dir}/start-containerd`);
    assert.equal(stderr, '');
    let status: Record<number, number | Buffer> = {};
    await waitFor(async () => {
      status = decode((await call('ContainerStatus', { 1: id }))[1] as Buffer);
      return status[3] === CONTAINER_EXITED;
    });
    assert.equal(status[7], 3);
    const lines = readFileSync(`${dir}/logs-${handler}/log`, 'utf8').match(/\d+$/gm);
    assert.deepEqual(
      lines?.map(Number),
      [...Array(40).keys()].map((i) => i + 1),
    );
    await call('StopPodSandbox', { 1: sandbox });
    await call('RemovePodSandbox', { 1: sandbox });
  });
}
