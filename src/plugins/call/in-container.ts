import { closeSync, constants, fstatSync, readFileSync, writeFileSync } from 'node:fs';
import type { InitContext } from '../../context/init-context.ts';
import { atPath } from '../../errors/node-error.ts';
import { hasErrno } from '../../errors/syscall-error.ts';
import type { ContainerStageName } from '../../lifecycle/stages.ts';
import { mountOne } from '../../stages/mounts/mount-one.ts';
import { readMount } from '../../stages/mounts/request.ts';
import { O_PATH, symlinkat } from '../../syscalls/files/file.ts';
import {
  createFileInRoot,
  mkdirAllInRoot,
  openInRoot,
  openParentInRoot,
} from '../../syscalls/files/path.ts';
import type { ContainerContext, FileOptions } from '../container-context.ts';
import { frozenCopy } from '../readonly-deep.ts';
import { programEnvironment } from './program-environment.ts';

const { O_APPEND, O_NONBLOCK, O_NOCTTY, O_RDONLY, O_TRUNC, O_WRONLY } = constants;
const MAX_READ = 1024 * 1024;

/** The context of a function of `inContainer`, inside init. */
export function containerContext(
  ctx: InitContext,
  stage: ContainerStageName,
  { command, options }: Pick<ContainerContext, 'command' | 'options'>,
): ContainerContext {
  const root = (): number => {
    if (ctx.rootfsFd >= 0) return ctx.rootfsFd;
    throw new Error('the rootfs is not open before the stage prepareRootfs');
  };
  return {
    id: ctx.id,
    stage,
    command,
    options,
    spec: frozenCopy(ctx.spec),
    env: programEnvironment(ctx),
    mount(mount) {
      root();
      mountOne(ctx, readMount(mount, ctx.bundle));
    },
    mkdir: (path, mode = 0o755) => closeSync(mkdirAllInRoot(root(), path, mode)),
    write: (path, data, options) => write(root(), path, data, options),
    read: (path) => read(root(), path),
    exists: (path) => exists(root(), path),
    symlink: (target, path) => symlink(root(), target, path),
  };
}

function write(
  root: number,
  path: string,
  data: string | Uint8Array,
  { mode = 0o644, append = false }: FileOptions = {},
): void {
  if (!exists(root, path)) closeSync(createFileInRoot(root, path, mode));
  const fd = openRegular(root, path, O_WRONLY | (append ? O_APPEND : O_TRUNC));
  try {
    atPath(path, () => writeFileSync(fd, data));
  } finally {
    closeSync(fd);
  }
}

function read(root: number, path: string): string {
  const fd = openRegular(root, path, O_RDONLY);
  try {
    if (fstatSync(fd).size > MAX_READ) throw new Error(`${path} is larger than 1 MiB`);
    return readFileSync(fd, 'utf8');
  } finally {
    closeSync(fd);
  }
}

function exists(root: number, path: string): boolean {
  try {
    closeSync(openInRoot(root, path, O_PATH));
    return true;
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR')) return false;
    throw error;
  }
}

function symlink(root: number, target: string, path: string): void {
  const { directory, name } = openParentInRoot(root, path);
  try {
    symlinkat(target, directory, name);
  } finally {
    closeSync(directory);
  }
}

/** O_NONBLOCK: the image may have put a FIFO or a device there. */
function openRegular(root: number, path: string, flags: number): number {
  const fd = openInRoot(root, path, flags | O_NONBLOCK | O_NOCTTY);
  if (fstatSync(fd).isFile()) return fd;
  closeSync(fd);
  throw new Error(`${path} is not a regular file`);
}
