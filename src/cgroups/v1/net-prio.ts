import { type Controller, firstSetPath, writeField } from '../limits/controller.ts';

/** Documentation/admin-guide/cgroup-v1/net_prio.rst. */
export const netPrio: Controller = {
  name: 'net_prio',
  firstSetField: (resources) => firstSetPath('network', resources.network, ['priorities']),
  apply: (dir, { network }) => {
    network?.priorities?.forEach(({ name, priority }, index) => {
      const path = `linux.resources.network.priorities[${index}]`;
      writeField(path, dir, 'net_prio.ifpriomap', `${name} ${priority}`);
    });
  },
};
