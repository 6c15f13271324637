import { existsSync } from 'node:fs';
import { THROTTLE_FIELDS, type ThrottleField } from '../../config/names/throttle-fields.ts';
import type { LinuxBlockIO, LinuxResources, WeightDevice } from '../../config/types.ts';
import { type Controller, firstSetPath, isSet, writeField } from '../limits/controller.ts';

const FIELD = 'linux.resources.blockIO';

const THROTTLES: Record<ThrottleField, string> = {
  throttleReadBpsDevice: 'blkio.throttle.read_bps_device',
  throttleWriteBpsDevice: 'blkio.throttle.write_bps_device',
  throttleReadIOPSDevice: 'blkio.throttle.read_iops_device',
  throttleWriteIOPSDevice: 'blkio.throttle.write_iops_device',
};

/** Documentation/admin-guide/cgroup-v1/blkio-controller.rst and block/bfq-iosched.rst. */
export const blkio: Controller = {
  name: 'blkio',
  firstSetField: (resources) =>
    firstSetPath('blockIO', resources.blockIO, [
      'weight',
      'leafWeight',
      'weightDevice',
      ...THROTTLE_FIELDS,
    ]),
  apply: (dir, { blockIO }: LinuxResources) => {
    if (blockIO === undefined) return;
    applyWeights(dir, blockIO);
    for (const field of THROTTLE_FIELDS) {
      blockIO[field]?.forEach(({ major, minor, rate }, index) => {
        const path = `${FIELD}.${field}[${index}]`;
        writeField(path, dir, THROTTLES[field], `${major}:${minor} ${rate}`);
      });
    }
  },
};

function applyWeights(dir: string, { weight, leafWeight, weightDevice = [] }: LinuxBlockIO): void {
  if (!isSet(weight) && !isSet(leafWeight) && weightDevice.length === 0) return;
  const file = weightFile(dir);
  if (isSet(weight)) writeField(`${FIELD}.weight`, dir, file, weight);
  if (isSet(leafWeight)) writeField(`${FIELD}.leafWeight`, dir, 'blkio.leaf_weight', leafWeight);
  weightDevice.forEach((device, index) => {
    applyDeviceWeight(dir, file, device, `${FIELD}.weightDevice[${index}]`);
  });
}

function applyDeviceWeight(dir: string, file: string, device: WeightDevice, path: string): void {
  const { major, minor, weight, leafWeight } = device;
  if (isSet(weight)) {
    writeField(`${path}.weight`, dir, `${file}_device`, `${major}:${minor} ${weight}`);
  }
  if (isSet(leafWeight)) {
    const value = `${major}:${minor} ${leafWeight}`;
    writeField(`${path}.leafWeight`, dir, 'blkio.leaf_weight_device', value);
  }
}

/** The file of CFQ, which Linux 5.0 removed, or the file of BFQ, its successor. */
const weightFile = (dir: string): string =>
  existsSync(`${dir}/blkio.weight`) ? 'blkio.weight' : 'blkio.bfq.weight';
