import { join } from 'node:path';
import { parseMountOptions } from '../../config/mounts/mount-options.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { hasErrno } from '../../errors/syscall-error.ts';
import { MNT_DETACH, MS_BIND, MS_REMOUNT, mount, umount2 } from '../../syscalls/mount/mount.ts';
import type { Mount } from './protocol/task_pb.ts';

/** The mounts that a container's root file system is made of. */
type Mounts = readonly Pick<Mount, 'type' | 'source' | 'target' | 'options'>[];

/** mount(2) takes at most a page of data. */
const MAX_DATA = 4095;

/** Mounts a root file system on the directory `rootfs`. Mounts nothing if one of them fails. */
export function mountRootfs(mounts: Mounts, rootfs: string): void {
  try {
    for (const one of mounts) mountOne(one, join(rootfs, one.target));
  } catch (error) {
    unmountRootfs(rootfs);
    throw error;
  }
}

/** Unmounts all that is mounted on `rootfs`, and below it. */
export function unmountRootfs(rootfs: string): void {
  for (;;) {
    try {
      umount2(rootfs, MNT_DETACH);
    } catch (error) {
      if (hasErrno(error, 'EINVAL', 'ENOENT')) return;
      throw error;
    }
  }
}

function mountOne({ type, source, options }: Mounts[number], target: string): void {
  const unsupported = options.find((option) => /^(loop$|[ug]idmap=)/.test(option));
  if (unsupported) throw new RuntimeError(`the mount option ${unsupported} is not supported`);
  const { flags, data } = parseMountOptions(options);
  const text = data.join(',');
  if (type === 'bind' || flags & MS_BIND) bind(source, target, flags | MS_BIND);
  else if (text.length <= MAX_DATA) mount(source, target, type, flags, text);
  else inCommonDirectory(data, (shorter) => mount(source, target, type, flags, shorter));
}

/** The flags of a bind mount take effect when it is mounted anew. */
function bind(source: string, target: string, flags: number): void {
  mount(source, target, null, flags, null);
  if (flags & ~BIND_FLAGS) mount(null, target, null, flags | MS_REMOUNT, null);
}

const BIND_FLAGS = parseMountOptions(['rbind']).flags;

/**
 * Calls `use` with shorter lowerdirs, in the directory to which they are relative. The shim's own is /.
 */
function inCommonDirectory(data: readonly string[], use: (data: string) => void): void {
  const index = data.findIndex((option) => option.startsWith('lowerdir='));
  const lower = data[index]?.slice('lowerdir='.length).split(':') ?? [];
  const common = commonDirectory(lower);
  const relative = `lowerdir=${lower.map((path) => path.slice(common.length)).join(':')}`;
  process.chdir(common);
  try {
    use(data.with(index, relative).join(','));
  } finally {
    process.chdir('/');
  }
}

/** The longest directory, with its final slash, in which all of the paths are. */
export function commonDirectory([first = '', ...others]: readonly string[]): string {
  let common = first.slice(0, first.lastIndexOf('/') + 1);
  while (!others.every((path) => path.startsWith(common))) {
    common = common.slice(0, common.lastIndexOf('/', common.length - 2) + 1);
  }
  return common;
}
