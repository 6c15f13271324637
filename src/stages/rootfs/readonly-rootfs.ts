import { hasNamespace } from '../../config/has-namespace.ts';
import { parseMountOptions } from '../../config/mounts/mount-options.ts';
import type { Mount } from '../../config/types.ts';
import type { AppliesContext } from '../../context/applies-context.ts';
import type { InitContext } from '../../context/init-context.ts';
import { atField } from '../../errors/stage-error.ts';
import { hasErrno } from '../../errors/syscall-error.ts';
import { withCallDescription } from '../../errors/with-call-description.ts';
import { closeFd } from '../../syscalls/files/close-fd.ts';
import { O_PATH } from '../../syscalls/files/file.ts';
import { openInRoot } from '../../syscalls/files/path.ts';
import { MS_BIND, MS_RDONLY } from '../../syscalls/mount/mount.ts';
import { MOUNT_ATTR_RDONLY } from '../../syscalls/mount/mount-api.ts';
import { sleepSync } from '../../syscalls/time/sleep.ts';
import { setReadonly } from '../mounts/attributes.ts';
import { isDev } from '../mounts/needs-setup-dev.ts';

const ATTEMPTS = 5;
const PAUSE_MS = 100;

/** Makes read-only the mounts that had to be writable to be filled: tmpfs, /dev, the root. */
export function makeRootfsReadonly(ctx: InitContext): void {
  if (!hasNamespace(ctx.spec.linux, 'mount')) return;
  ctx.spec.mounts?.forEach((mount, index) => {
    if (isReadonlyLater(mount)) atField(`mounts[${index}]`, () => remount(ctx, mount.destination));
  });
  if (ctx.spec.root?.readonly) atField('root.readonly', () => remount(ctx, '/'));
}

/** True when there is something for {@link makeRootfsReadonly} to do. */
export function hasReadonlyRootfs({ spec }: AppliesContext): boolean {
  if (!hasNamespace(spec.linux, 'mount')) return false;
  return spec.root?.readonly === true || (spec.mounts ?? []).some(isReadonlyLater);
}

function isReadonlyLater({ type, destination, options }: Mount): boolean {
  const { flags, recursive = { set: 0, clear: 0 } } = parseMountOptions(options);
  const readonly = flags & MS_RDONLY || recursive.set & MOUNT_ATTR_RDONLY;
  if (!readonly || recursive.clear & MOUNT_ATTR_RDONLY) return false;
  return isDev(destination) || (type === 'tmpfs' && !(flags & MS_BIND));
}

function remount({ rootfsFd, procfs }: InitContext, path: string): void {
  using fds = new DisposableStack();
  const fd = fds.adopt(openInRoot(rootfsFd, path, O_PATH), closeFd);
  withCallDescription(`make ${path} read-only`, () => setReadonlyWhenIdle(procfs, fd));
}

/** Retries on EBUSY: a process that is about to end, a hook's, may have a file open for writing. */
function setReadonlyWhenIdle(procfs: number, fd: number): void {
  for (let attempt = 1; ; attempt++) {
    try {
      setReadonly(procfs, fd);
      return;
    } catch (error) {
      if (!hasErrno(error, 'EBUSY') || attempt === ATTEMPTS) throw error;
      sleepSync(PAUSE_MS);
    }
  }
}
