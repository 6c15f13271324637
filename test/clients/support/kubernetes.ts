import assert from 'node:assert/strict';
import { DAVIT } from '../../support/command.ts';
import { startContainerd } from './containerd.ts';
import type { Engine } from './engine.ts';

/** With davit's own shim. */
const shimHandler = `
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.davit-shim]
  runtime_type = "io.containerd.davit.v1"
`;

const handler = (name: string, binary: string): string => `
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.${name}]
  runtime_type = "io.containerd.runc.v2"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.${name}.options]
    BinaryName = "${binary}"
`;

const CRI = `
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "docker.io/library/bb:1"
  restrict_oom_score_adj = true
`;

/** containerd with its CRI plugin, as kubelet drives it, and three runtime handlers. */
export const kubernetes: Engine = {
  name: 'CRI',
  needs: ['containerd', 'containerd-shim-runc-v2', 'ctr', 'ip'],
  async start(enclosure) {
    const { dir } = enclosure;
    const handlers = handler('davit', DAVIT) + handler('runc', '/usr/sbin/runc') + shimHandler;
    enclosure.write('image.sh', IMAGE);
    const { status, stdout, stderr } =
      enclosure.run(`${startContainerd(enclosure, '', CRI + handlers)}
      sh ${dir}/image.sh ${dir} && ctr -a ${dir}/sock -n k8s.io images import ${dir}/image.tar`);
    assert.equal(status, 0, stdout + stderr);
  },
  variables: () => ({}),
};

/** A script that makes an image with one layer, in the format of `docker save`. */
const IMAGE = `
set -e
cd "$1"
mkdir -p image
tar -C rootfs -cf image/layer.tar .
id=$(sha256sum image/layer.tar | cut -d' ' -f1)
cat >image/config.json <<END
{"architecture":"$(uname -m | sed s/x86_64/amd64/\\;s/aarch64/arm64/)","os":"linux",
 "config":{"Env":["PATH=/bin"],"Cmd":["sleep","1000"]},
 "rootfs":{"type":"layers","diff_ids":["sha256:$id"]}}
END
echo '[{"Config":"config.json","RepoTags":["bb:1"],"Layers":["layer.tar"]}]' >image/manifest.json
tar -C image -cf image.tar manifest.json config.json layer.tar
`;
