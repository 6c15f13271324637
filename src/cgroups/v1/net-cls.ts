import { type Controller, firstSetPath, isSet, writeField } from '../limits/controller.ts';

/** Documentation/admin-guide/cgroup-v1/net_cls.rst. */
export const netCls: Controller = {
  name: 'net_cls',
  firstSetField: (resources) => firstSetPath('network', resources.network, ['classID']),
  apply: (dir, { network }) => {
    if (!isSet(network?.classID)) return;
    writeField('linux.resources.network.classID', dir, 'net_cls.classid', network.classID);
  },
};
