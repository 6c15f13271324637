import { closeSync, constants } from 'node:fs';
import type { InitContext } from '../../context/init-context.ts';
import { hasErrno } from '../../errors/syscall-error.ts';
import { isDevNull } from '../../syscalls/files/dev-null.ts';
import { dup2 } from '../../syscalls/files/file.ts';
import { needsSetupDev } from '../mounts/needs-setup-dev.ts';
import { openDevNull } from './dev-null.ts';

/** Replaces the host's /dev/null in stdio by the container's, so that the host's file is closed. */
export function reopenDevNull(ctx: InitContext): void {
  if (!needsSetupDev(ctx.spec)) return;
  const own = openDevNull(ctx.rootfsFd, constants.O_RDWR);
  for (const stream of [0, 1, 2]) if (isOpenOnDevNull(stream)) dup2(own, stream);
  closeSync(own);
}

function isOpenOnDevNull(stream: number): boolean {
  try {
    return isDevNull(stream);
  } catch (error) {
    if (hasErrno(error, 'EBADF')) return false;
    throw error;
  }
}
