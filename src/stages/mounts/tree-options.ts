import type { MountOptions } from '../../config/mounts/mount-options.ts';
import type { InitContext } from '../../context/init-context.ts';
import { setPropagation } from './attributes.ts';
import { setAttributesBelow } from './attributes-below.ts';

/** Sets a mount's propagation, and the recursive options (`rro`) on it and all mounts below. */
export function setTreeOptions(
  ctx: InitContext,
  fd: number,
  { propagation, recursive }: Pick<MountOptions, 'propagation' | 'recursive'>,
): void {
  for (const flag of propagation) setPropagation(ctx.procfs, fd, flag);
  if (recursive) setAttributesBelow(ctx, fd, recursive);
}
