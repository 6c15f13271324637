import { mountContextType } from '../../config/crun-annotations.ts';
import type { InitContext } from '../../context/init-context.ts';
import { atField } from '../../errors/stage-error.ts';
import { withHint } from '../../errors/with-hint.ts';
import { inRootfs } from './in-rootfs.ts';
import { mountHint } from './mount-hint.ts';
import { mountOne } from './mount-one.ts';
import { readMount } from './request.ts';

/** Makes the entries of `mounts` in the rootfs, in their order. */
export function makeMounts(ctx: InitContext): void {
  const label = ctx.spec.linux?.mountLabel;
  const labelOption = mountContextType(ctx.spec);
  ctx.spec.mounts?.forEach((mount, index) => {
    const field = `mounts[${index}]`;
    atField(field, () => {
      const request = readMount(mount, ctx.bundle);
      const destination = inRootfs(ctx.rootfs, request.destination);
      const openSource = () => ctx.mountSources?.request(field);
      try {
        mountOne(ctx, { ...request, destination, label, labelOption, openSource });
      } catch (error) {
        throw withHint(error, mountHint(ctx, request, error));
      }
    });
  });
}
