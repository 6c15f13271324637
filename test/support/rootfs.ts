import { copyFileSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const APPLETS =
  'awk base64 cat chmod chown cmp cp cut date dd df echo env expr false find getopt grep head hexdump ' +
  'hostname id ifconfig ip kill ln ls mkdir mknod mkfifo mount mv nc od printenv printf ps pwd ' +
  'readlink realpath renice rm rmdir route sed seq setsid sh sleep sort stat stty sync tail tee ' +
  'test timeout touch tr true tty umount uname uniq unshare usleep wc which xargs yes';

/** A busybox with its applets, and what a container mounts on. */
export function fillRootfs(rootfs: string): void {
  for (const directory of ['bin', 'dev', 'etc', 'proc', 'sys', 'tmp', 'mnt']) {
    mkdirSync(join(rootfs, directory));
  }
  copyFileSync(busybox(), join(rootfs, 'bin/busybox'));
  for (const applet of APPLETS.split(' ')) symlinkSync('busybox', join(rootfs, 'bin', applet));
  writeFileSync(join(rootfs, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  writeFileSync(join(rootfs, 'etc/group'), 'root:x:0:\n');
}

function busybox(): string {
  const found = ['/bin/busybox', '/usr/bin/busybox'].find((path) => existsSync(path));
  if (!found) throw new Error('no busybox: install busybox-static');
  return found;
}
