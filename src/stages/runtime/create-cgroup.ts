import { openCgroup } from '../../cgroups/open.ts';
import type { RuntimeContext } from '../../lifecycle/context.ts';
import { writeRecord } from '../../state/store.ts';

/** Makes the container's cgroup in every hierarchy; recorded first, so that a crash can be cleaned up. */
export function createCgroup(ctx: RuntimeContext): void {
  ctx.cgroup = openCgroup({
    id: ctx.id,
    cgroupsPath: ctx.spec.linux?.cgroupsPath,
    rootless: ctx.rootless,
    systemd: ctx.systemdCgroup,
  });
  ctx.record.cgroup = ctx.cgroup.serialize();
  writeRecord(ctx.stateDir, ctx.record);
  ctx.cgroup.create();
  ctx.cgroupCreated = true;
}

export function destroyCgroup(ctx: RuntimeContext): void {
  if (ctx.cgroupCreated) ctx.cgroup.destroy();
}
