import { closeSync } from 'node:fs';
import { hasNamespace } from '../../config/validate/has-namespace.ts';
import type { Launch, RuntimeContext } from '../../lifecycle/context.ts';
import { makeUserNamespace } from '../../process/make-user-namespace.ts';
import { openMountSources as open } from '../container/mount-sources.ts';

/** True where init may not reach a mount's source, or not map its ids, itself. */
export const needsMountSources = ({ spec }: Launch): boolean =>
  hasNamespace(spec.linux, 'user') || (spec.mounts?.some(isIdMapped) ?? false);

const isIdMapped = (mount: NonNullable<Launch['spec']['mounts']>[number]): boolean =>
  mount.uidMappings !== undefined ||
  (mount.options?.some((option) => option === 'idmap' || option === 'ridmap') ?? false);

/** Opens bind sources for init to mount. */
export function openMountSources(ctx: RuntimeContext): void {
  ctx.mountSources = open(ctx.spec, ctx.bundle, makeUserNamespace);
}

export function closeMountSources(ctx: RuntimeContext): void {
  for (const fd of ctx.mountSources?.values() ?? []) closeSync(fd);
  ctx.mountSources = undefined;
}
