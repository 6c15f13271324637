import { closeSync } from 'node:fs';
import type { InitContext } from '../../context/init-context.ts';
import { mountBind } from './bind/bind.ts';
import { mountCgroup } from './filesystem/cgroup.ts';
import { mountFilesystem, writable } from './filesystem/filesystem.ts';
import { mountMqueue } from './filesystem/mqueue.ts';
import { mountProcOrSysfs } from './filesystem/proc-sysfs.ts';
import { mountTmpfs } from './filesystem/tmpfs.ts';
import { openMountpoint } from './mountpoint.ts';
import { isDev } from './needs-setup-dev.ts';
import type { MountRequest } from './request.ts';

/** Makes one mount in the rootfs. Its destination is a path as seen from the container's root. */
export function mountOne(ctx: InitContext, request: MountRequest): void {
  closeSync(mountByType(ctx, request));
}

function mountByType(ctx: InitContext, request: MountRequest): number {
  switch (request.type) {
    case 'bind':
      return mountBind(ctx, request);
    case 'proc':
    case 'sysfs':
      return mountProcOrSysfs(ctx, request);
    case 'tmpfs':
      return mountTmpfs(ctx, request);
    case 'mqueue':
      return mountMqueue(ctx, request);
    case 'cgroup':
      return mountCgroup(ctx, request);
    default:
      return mountOther(ctx, request);
  }
}

function mountOther(ctx: InitContext, request: MountRequest): number {
  const target = openMountpoint(ctx, request, { file: false });
  try {
    return mountFilesystem(
      ctx,
      isDev(request.destination) ? writable(request) : request,
      target.fd,
    );
  } finally {
    closeSync(target.fd);
  }
}
