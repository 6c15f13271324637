import { atField } from '../../errors/stage-error.ts';
import type { InitContext } from '../../lifecycle/context.ts';
import { mountOne } from './mount-one/mount-one.ts';
import { readMount } from './mount-one/request.ts';

/** Makes the entries of `mounts` in the rootfs, in their order. */
export function makeMounts(ctx: InitContext): void {
  ctx.spec.mounts?.forEach((mount, index) => {
    atField(`mounts[${index}]`, () => {
      const label = ctx.spec.linux?.mountLabel;
      const sourceFd = ctx.mountSources?.get(index);
      mountOne(ctx, { ...readMount(mount, ctx.bundle), label, sourceFd });
    });
  });
}
