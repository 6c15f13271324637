import { constants, fstatSync } from 'node:fs';
import { dirname } from 'node:path';
import { hasNamespace } from '../../config/has-namespace.ts';
import { propagationFlags } from '../../config/mounts/mount-options.ts';
import type { InitContext } from '../../context/init-context.ts';
import { atField } from '../../errors/stage-error.ts';
import { hasErrno, unlessRefused } from '../../errors/syscall-error.ts';
import { withHint } from '../../errors/with-hint.ts';
import { openPrivateProcfs } from '../../rootfs/procfs.ts';
import { closeFd } from '../../syscalls/files/close-fd.ts';
import { closedOnFailure } from '../../syscalls/files/closed-on-failure.ts';
import { AT_FDCWD, O_PATH, openat } from '../../syscalls/files/file.ts';
import { MS_BIND, MS_PRIVATE, MS_REC, MS_SLAVE, mount } from '../../syscalls/mount/mount.ts';
import { cloneMount, moveMount } from '../../syscalls/mount/mount-api.ts';
import { atProcfs, selfFd } from '../mounts/filesystem/at-procfs.ts';

const { O_DIRECTORY, O_NOFOLLOW } = constants;

/**
 * Stops the propagation of mounts to the host, and makes the rootfs a mount of its own:
 * pivot_root(2) needs one, and in the host's mount namespace it can be unmounted as a whole. Sets
 * ctx.rootfsFd, and ctx.procfs where no stage did before.
 */
export function prepareRootfs(ctx: InitContext): void {
  if (ctx.procfs < 0) ctx.procfs = openPrivateProcfs();
  using fds = new DisposableStack();
  const rootfs = fds.adopt(openRootfs(ctx), closeFd);
  // In the host's own mount namespace, davit must not change propagation.
  if (hasNamespace(ctx.spec.linux, 'mount')) {
    atField('linux.rootfsPropagation', () => isolate(ctx));
  }
  ctx.rootfsFd = bindOnItself(ctx, rootfs);
}

function openRootfs({ rootfs, spec }: InitContext): number {
  try {
    return openat(AT_FDCWD, rootfs, O_PATH | O_DIRECTORY | O_NOFOLLOW);
  } catch (error) {
    const unreachable = hasErrno(error, 'EACCES') && hasNamespace(spec.linux, 'user');
    throw withHint(error, unreachable ? UNREACHABLE : undefined);
  }
}

const UNREACHABLE =
  'the user that linux.uidMappings maps to root needs execute permission (chmod +x) for every directory above';

/** Keeps later mounts out of the host, unless rootfsPropagation is `shared`. */
function isolate({ spec, rootfs, options }: InitContext): void {
  const propagation = rootPropagation(spec.linux?.rootfsPropagation);
  if (options.noPivot && propagation & MS_PRIVATE) {
    throw new Error('rootfsPropagation of [r]private is not safe without pivot_root');
  }
  mount(null, '/', null, propagation, null);
  // The rootfs' mount must be slave or private: an unbindable one cannot be bound on itself.
  const done = propagation & MS_REC && propagation & (MS_SLAVE | MS_PRIVATE);
  if (!done) isolateParent(rootfs, propagation & MS_SLAVE ? MS_SLAVE : MS_PRIVATE);
}

/**
 * linux.rootfsPropagation as MS_ flags; by default rslave: the host's unmounts reach the container.
 */
export function rootPropagation(name: string | undefined): number {
  if (!name) return MS_SLAVE | MS_REC;
  const flags = propagationFlags(name);
  if (flags === undefined) throw new Error(`rootfsPropagation=${name} is not supported`);
  return flags;
}

/**
 * The mount that the rootfs is in must not be shared: pivot_root(2) refuses it, and the rootfs'
 * mount would appear on the host. EINVAL: the path is no mount point.
 */
function isolateParent(rootfs: string, propagation: number): void {
  for (let path = rootfs; ; path = dirname(path)) {
    try {
      mount(null, path, null, propagation, null);
      return;
    } catch (error) {
      if (!hasErrno(error, 'EINVAL') || path === '/') throw error;
    }
  }
}

const bindOnItself = (ctx: InitContext, rootfs: number): number =>
  unlessRefused(
    () =>
      closedOnFailure(cloneMount(rootfs, { recursive: true }), (tree) => moveMount(tree, rootfs)),
    () => {
      const self = selfFd(rootfs);
      atProcfs(ctx.procfs, () => mount(self, self, null, MS_BIND | MS_REC, null));
      return closedOnFailure(openRootfs(ctx), (top) => checkSame(rootfs, top));
    },
  );

/** The path is resolved again, to open the new mount: it must still lead to the same directory. */
function checkSame(before: number, after: number): void {
  const [a, b] = [fstatSync(before), fstatSync(after)];
  if (a.ino !== b.ino || a.dev !== b.dev)
    throw new Error('another process moved the rootfs meanwhile');
}
