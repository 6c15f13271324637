import {
  existsSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Mount } from '../../config/types.ts';

/**
 * The directories that hold a Linux system's programs and libraries; some may be links or absent.
 */
const SYSTEM = ['bin', 'lib', 'lib32', 'lib64', 'libx32', 'sbin', 'usr'];

/** The destinations of the default configuration's mounts. */
const MOUNT_POINTS = ['dev', 'proc', 'sys', 'tmp', 'root'];

/**
 * Makes a rootfs in a directory that is empty or absent. The host's own system directories will be
 * bound on it read-only, so nothing is downloaded. Returns the mounts to add to config.json.
 */
export function hostRootfs(rootfs: string): Mount[] {
  if (!existsSync(rootfs)) mkdirSync(rootfs);
  for (const name of [...MOUNT_POINTS, 'etc']) mkdirSync(join(rootfs, name));
  writeFileSync(join(rootfs, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  writeFileSync(join(rootfs, 'etc/group'), 'root:x:0:\n');
  return SYSTEM.flatMap((name) => bindSystem(rootfs, name));
}

function bindSystem(rootfs: string, name: string): Mount[] {
  const source = join('/', name);
  const found = lstatSync(source, { throwIfNoEntry: false });
  if (!found) return [];
  if (found.isSymbolicLink()) {
    symlinkSync(readlinkSync(source), join(rootfs, name));
    return [];
  }
  mkdirSync(join(rootfs, name));
  return [{ destination: source, type: 'bind', source, options: ['rbind', 'ro', 'nosuid'] }];
}
