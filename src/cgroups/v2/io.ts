import { existsSync } from 'node:fs';
import { THROTTLE_FIELDS, type ThrottleField } from '../../config/names/throttle-fields.ts';
import type { LinuxBlockIO } from '../../config/types.ts';
import { readValue } from '../files.ts';
import { type Controller, firstSetPath, isSet, writeField } from '../limits/controller.ts';

const FIELD = 'linux.resources.blockIO';

const THROTTLES: Record<ThrottleField, string> = {
  throttleReadBpsDevice: 'rbps',
  throttleWriteBpsDevice: 'wbps',
  throttleReadIOPSDevice: 'riops',
  throttleWriteIOPSDevice: 'wiops',
};

/**
 * Documentation/admin-guide/cgroup-v2.rst, "IO Interface Files". v2 has no leaf weights: davit
 * ignores them, as runc does.
 */
export const io: Controller = {
  name: 'io',
  firstSetField: (resources) =>
    firstSetPath('blockIO', resources.blockIO, ['weight', 'weightDevice', ...THROTTLE_FIELDS]),
  apply: (dir, { blockIO }) => {
    if (blockIO === undefined) return;
    applyWeights(dir, blockIO);
    for (const field of THROTTLE_FIELDS) {
      blockIO[field]?.forEach(({ major, minor, rate }, index) => {
        const value = `${major}:${minor} ${THROTTLES[field]}=${rate}`;
        writeField(`${FIELD}.${field}[${index}]`, dir, 'io.max', value);
      });
    }
  },
};

function applyWeights(dir: string, { weight, weightDevice = [] }: LinuxBlockIO): void {
  if (!isSet(weight) && weightDevice.length === 0) return;
  const bfq = existsSync(`${dir}/io.bfq.weight`);
  if (isSet(weight)) {
    if (bfq) writeField(`${FIELD}.weight`, dir, 'io.bfq.weight', weight);
    else writeField(`${FIELD}.weight`, dir, 'io.weight', ioWeight(weight));
  }
  if (!bfq || !takesDevices(dir)) return;
  weightDevice.forEach(({ major, minor, weight }, index) => {
    const value = `${major}:${minor} ${weight ?? 0}\n`;
    writeField(`${FIELD}.weightDevice[${index}]`, dir, 'io.bfq.weight', value);
  });
}

/** Before Linux 5.4 io.bfq.weight is one number. Since then it has a line for each device. */
const takesDevices = (dir: string): boolean => !/^\d+$/.test(readValue(dir, 'io.bfq.weight'));

/** io.weight (1 to 10000) for blkio's weight (10 to 1000): linear, rounded down. */
export const ioWeight = (weight: number): number => 1 + Math.floor(((weight - 10) * 9999) / 990);
