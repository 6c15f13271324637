import { mountContextType } from '../../config/crun-annotations.ts';
import type { Mount } from '../../config/types.ts';
import type { InitContext } from '../../context/init-context.ts';
import { atField } from '../../errors/stage-error.ts';
import { withHint } from '../../errors/with-hint.ts';
import { monotonicNs } from '../../syscalls/time/monotonic.ts';
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
      const begin = monotonicNs();
      try {
        mountOne(ctx, { ...request, destination, label, labelOption, openSource });
        noteLong(ctx, mount, request.type, begin);
      } catch (error) {
        throw withHint(error, mountHint(ctx, request, error));
      }
    });
  });
}

/** A mount has a span if it takes this share of the command so far, or {@link LONG_NS}. */
const LONG_SHARE = 20n;
/** Most mounts take about 0.1 ms, `davit run` some 70 ms, and by a server 10 ms. */
const LONG_NS = 1_000_000n;
/** The most characters of each text in a span: init sends them in one packet. */
const MAX_TEXT = 4096;

function noteLong(ctx: InitContext, mount: Mount, fstype: string, begin: bigint): void {
  const end = monotonicNs();
  const taken = end - begin;
  if (taken < LONG_NS && taken * LONG_SHARE < end - ctx.begin) return;
  const { destination, source = '', options = [] } = mount;
  const short = (text: string) => text.slice(0, MAX_TEXT);
  const shown = options.join().length > MAX_TEXT ? [short(options.join())] : options;
  ctx.mountRuns.push({
    destination: short(destination),
    source: short(source),
    fstype,
    options: shown,
    begin,
    end,
  });
}
