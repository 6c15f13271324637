import assert from 'node:assert/strict';
import { test } from 'node:test';
import { has } from '../../support/host/has.ts';
import { cgroupFiles } from '../support/cgroup-files.ts';
import { callCri } from '../support/cri.ts';
import { withEngine } from '../support/engine.ts';
import { kubernetes } from '../support/kubernetes.ts';
import { decode, type Fields } from '../support/protobuf.ts';

const { skip, enclosure } = withEngine(kubernetes);

const CONTAINER_EXITED = 2;

/** The node's own namespaces: with its network, no CNI plugin is needed. */
const pod = (handler: string): Fields => ({
  1: { 1: `pod-${handler}`, 2: `uid-${handler}`, 3: 'default' },
  8: { 1: `/${enclosure().name}/pod-${handler}`, 2: { 1: { 1: 2 } } },
});

for (const handler of ['davit', 'davit-shim', ...(has('runc') ? ['runc'] : [])]) {
  test(`CRI: a pod's life with the handler ${handler}`, { skip }, async () => {
    const call = (method: string, request: Fields) =>
      callCri(`${enclosure().dir}/sock`, method, request);
    const text = (value: unknown): string => String(value ?? '');

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
