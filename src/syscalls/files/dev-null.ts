import { fstatSync } from 'node:fs';
import { makedev } from './file.ts';

// devices.txt: 1:3.
const DEV_NULL = makedev(1, 3);

/** True when the fd is open on the null device, whatever its path. */
export function isDevNull(fd: number): boolean {
  const stat = fstatSync(fd, { bigint: true });
  return stat.isCharacterDevice() && stat.rdev === DEV_NULL;
}
