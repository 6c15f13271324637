import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasErrno } from '../../src/errors/syscall-error.ts';

const APPLETS =
  'awk base64 cat chmod chown cmp cp cut date dd df echo env expr false find getopt grep head hexdump ' +
  'hostname id ifconfig ip kill ln ls mkdir mknod mkfifo mount mv nc od printenv printf ps pwd ' +
  'readlink realpath renice rm rmdir route sed seq setsid sh sleep sort stat stty sync tail tee ' +
  'test timeout touch tr true tty umount uname uniq unshare usleep wc which xargs yes';

/** Fills a rootfs with a busybox, its applets and directories for mounts. */
export function fillRootfs(rootfs: string): void {
  for (const directory of ['bin', 'dev', 'etc', 'proc', 'sys', 'tmp', 'mnt']) {
    mkdirSync(join(rootfs, directory));
  }
  copyFileSync(busybox(), join(rootfs, 'bin/busybox'));
  linkApplets(join(rootfs, 'bin'));
  writeFileSync(join(rootfs, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  writeFileSync(join(rootfs, 'etc/group'), 'root:x:0:\n');
}

/**
 * Makes hard links to the symlinks of another rootfs: a hundredth of the work for the file system.
 */
function linkApplets(bin: string): void {
  const links = join(tmpdir(), 'applets');
  makeApplets(links);
  for (const applet of APPLETS.split(' ')) linkSync(join(links, applet), join(bin, applet));
}

/** Runs once for a run of tests, in the run's temporary directory. */
function makeApplets(directory: string): void {
  if (existsSync(directory)) return;
  const made = mkdtempSync(`${directory}-`);
  for (const applet of APPLETS.split(' ')) symlinkSync('busybox', join(made, applet));
  chmodSync(made, 0o755);
  try {
    renameSync(made, directory);
  } catch (error) {
    // The process of another test file made it first.
    if (!hasErrno(error, 'ENOTEMPTY', 'EEXIST')) throw error;
  }
}

export function busybox(): string {
  const found = ['/bin/busybox', '/usr/bin/busybox'].find((path) => existsSync(path));
  if (!found) throw new Error('no busybox: install busybox-static');
  return found;
}
