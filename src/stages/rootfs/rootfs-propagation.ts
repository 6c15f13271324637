import { hasNamespace } from '../../config/has-namespace.ts';
import type { AppliesContext } from '../../context/applies-context.ts';
import type { InitContext } from '../../context/init-context.ts';
import { atField } from '../../errors/stage-error.ts';
import { MS_PRIVATE, MS_SLAVE, mount } from '../../syscalls/mount/mount.ts';
import { rootPropagation } from './prepare-rootfs.ts';

/**
 * Applies linux.rootfsPropagation to the container's own root, after pivotRoot: before, `shared`
 * would apply to the host's root. prepareRootfs has already set slave and private.
 */
export function setRootfsPropagation(ctx: InitContext): void {
  const flags = rootPropagation(ctx.spec.linux?.rootfsPropagation);
  atField('linux.rootfsPropagation', () => mount(null, '/', null, flags, null));
}

/** True for the propagations that {@link setRootfsPropagation} applies. */
export function wantsRootfsPropagation({ spec }: AppliesContext): boolean {
  const flags = rootPropagation(spec.linux?.rootfsPropagation);
  return hasNamespace(spec.linux, 'mount') && (flags & (MS_PRIVATE | MS_SLAVE)) === 0;
}
