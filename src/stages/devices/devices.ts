import { closeSync, existsSync } from 'node:fs';
import { posix } from 'node:path';
import { hasNamespace } from '../../config/has-namespace.ts';
import type { InitContext } from '../../context/init-context.ts';
import { atField } from '../../errors/stage-error.ts';
import { hasErrno } from '../../errors/syscall-error.ts';
import { readProcFile } from '../../rootfs/procfs.ts';
import { symlinkat, unlinkat } from '../../syscalls/files/file.ts';
import { openParentInRoot } from '../../syscalls/files/path.ts';
import { withUmask } from '../../syscalls/files/with-umask.ts';
import { needsSetupDev } from '../mounts/needs-setup-dev.ts';
import { deviceList, type ListedDevice } from './device-list.ts';
import { attachDevice, makeDevice } from './device-node.ts';

const LINKS: readonly [path: string, target: string][] = [
  ['/dev/fd', '/proc/self/fd'],
  ['/dev/stdin', '/proc/self/fd/0'],
  ['/dev/stdout', '/proc/self/fd/1'],
  ['/dev/stderr', '/proc/self/fd/2'],
];

/** Fills /dev, unless the bundle brings its own. setupConsole makes /dev/console. */
export function createDevices(ctx: InitContext): void {
  if (!needsSetupDev(ctx.spec)) return;
  const bind = isInUserNamespace(ctx);
  withUmask(0, () => {
    for (const device of deviceList(ctx.spec)) addDevice(ctx, device, bind);
  });
  link(ctx, '/dev/ptmx', 'pts/ptmx', { replace: true });
  for (const [path, target] of LINKS) link(ctx, path, target);
  if (existsSync('/proc/kcore')) link(ctx, '/dev/core', '/proc/kcore');
}

function addDevice(ctx: InitContext, device: ListedDevice, bind: boolean): void {
  // createDevices makes /dev/ptmx a symlink to the container's own devpts.
  if (posix.normalize(device.path) === '/dev/ptmx') return;
  const { configPath, type } = device;
  const make = (): void => {
    // Any user may make a FIFO by mknod(2).
    if (!bind || type === 'p') makeDevice(ctx, device);
    else attachDevice(ctx, device, configPath ? ctx.mountSources?.request(configPath) : undefined);
  };
  if (configPath) atField(configPath, make);
  else make();
}

function isInUserNamespace({ spec, procfs }: InitContext): boolean {
  if (hasNamespace(spec.linux, 'user')) return true;
  // user_namespaces(7): the initial user namespace maps every id to itself.
  return !/^\s*0\s+0\s+4294967295\s*$/.test(readProcFile(procfs, 'self/uid_map'));
}

function link(
  { rootfsFd }: InitContext,
  path: string,
  target: string,
  { replace = false }: { replace?: boolean } = {},
): void {
  const { directory, name } = openParentInRoot(rootfsFd, path);
  try {
    if (replace) unless('ENOENT', () => unlinkat(directory, name));
    unless('EEXIST', () => symlinkat(target, directory, name));
  } finally {
    closeSync(directory);
  }
}

function unless(code: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!hasErrno(error, code)) throw error;
  }
}
