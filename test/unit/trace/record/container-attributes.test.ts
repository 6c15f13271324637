import assert from 'node:assert/strict';
import { test } from 'node:test';
import { containerAttributes } from '../../../../src/trace/record/container-attributes.ts';

test('an image reference is split into attributes', () => {
  const of = (image: string) =>
    containerAttributes({ 'io.kubernetes.cri.image-name': image }) as Record<string, unknown>;
  const digest = `sha256:${'a'.repeat(64)}`;
  const tagged = of('registry.local:5000/team/web:1.2');
  assert.equal(tagged['container.image.name'], 'registry.local:5000/team/web');
  assert.deepEqual(tagged['container.image.tags'], ['1.2']);
  assert.equal(tagged['oci.manifest.digest'], undefined);
  const pinned = of(`registry.local:5000/web@${digest}`);
  assert.equal(pinned['container.image.name'], 'registry.local:5000/web');
  assert.equal(pinned['container.image.tags'], undefined);
  assert.equal(pinned['oci.manifest.digest'], digest);
});

test("a pod's attributes come from annotations of containerd or CRI-O", () => {
  const containerd = containerAttributes({
    'io.kubernetes.cri.sandbox-name': 'web-1',
    'io.kubernetes.cri.sandbox-namespace': 'shop',
  });
  assert.equal(containerd['k8s.pod.name'], 'web-1');
  assert.equal(containerd['k8s.namespace.name'], 'shop');
  const crio = containerAttributes({ 'io.kubernetes.pod.name': 'web-2' });
  assert.equal(crio['k8s.pod.name'], 'web-2');
});
