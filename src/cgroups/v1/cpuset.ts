import { dirname } from 'node:path';
import type { LinuxResources } from '../../config/types.ts';
import { readValue, writeFile } from '../files.ts';
import { type Controller, firstSetPath, writeField } from '../limits/controller.ts';

const FILES = ['cpuset.cpus', 'cpuset.mems'] as const;

/** Documentation/admin-guide/cgroup-v1/cpusets.rst. */
export const cpuset: Controller = {
  name: 'cpuset',
  firstSetField: (resources) => firstSetPath('cpu', resources.cpu, ['cpus', 'mems']),
  // No process can enter a cpuset without CPUs or memory nodes: unset ones come from the parent.
  prepare: (dir, resources) => {
    const parent = fill(dirname(dir));
    applyCpuset(dir, resources);
    fill(dir, parent);
  },
  apply: applyCpuset,
};

function applyCpuset(dir: string, { cpu }: LinuxResources): void {
  if (cpu?.cpus) writeField('linux.resources.cpu.cpus', dir, 'cpuset.cpus', cpu.cpus);
  if (cpu?.mems) writeField('linux.resources.cpu.mems', dir, 'cpuset.mems', cpu.mems);
}

/** Copies missing values from the parent, which gets its own in the same way. The root has all. */
function fill(dir: string, parent?: string[]): string[] {
  return FILES.map((file, index) => {
    const own = readValue(dir, file);
    if (own !== '') return own;
    const inherited = (parent ?? fill(dirname(dir)))[index]!;
    writeFile(dir, file, inherited);
    return inherited;
  });
}
