import type { LinuxRdma } from '../../config/types.ts';
import { type Controller, writeField } from './controller.ts';

/** Documentation/admin-guide/cgroup-v1/rdma.rst; the same file with the same syntax in v2. */
export const rdma: Controller = {
  name: 'rdma',
  firstSetField: ({ rdma = {} }) => {
    const [device] = Object.keys(rdma);
    return device === undefined ? undefined : `linux.resources.rdma.${device}`;
  },
  apply: (dir, { rdma = {} }) => {
    for (const [device, limits] of Object.entries(rdma)) {
      writeField(`linux.resources.rdma.${device}`, dir, 'rdma.max', rdmaMax(device, limits));
    }
  },
};

/** `mlx5_0 hca_handle=2 hca_object=2000`. */
export function rdmaMax(device: string, { hcaHandles, hcaObjects }: LinuxRdma): string {
  const handles = hcaHandles === undefined ? '' : ` hca_handle=${hcaHandles}`;
  const objects = hcaObjects === undefined ? '' : ` hca_object=${hcaObjects}`;
  return device + handles + objects;
}
