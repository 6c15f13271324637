import { type Controller, firstSetPath, writeField } from '../limits/controller.ts';

/** Documentation/admin-guide/cgroup-v2.rst, "Cpuset Interface Files". */
export const cpuset: Controller = {
  name: 'cpuset',
  firstSetField: (resources) => firstSetPath('cpu', resources.cpu, ['cpus', 'mems']),
  apply: (dir, { cpu }) => {
    if (cpu?.cpus) writeField('linux.resources.cpu.cpus', dir, 'cpuset.cpus', cpu.cpus);
    if (cpu?.mems) writeField('linux.resources.cpu.mems', dir, 'cpuset.mems', cpu.mems);
  },
};
