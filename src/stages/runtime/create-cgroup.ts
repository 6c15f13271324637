import { openCgroup } from '../../cgroups/open.ts';
import { hasNamespace, makesNamespace } from '../../config/validate/has-namespace.ts';
import { atField } from '../../errors/stage-error.ts';
import type { RuntimeContext } from '../../lifecycle/context.ts';
import { writeRecord } from '../../state/store.ts';

/** Makes the container's cgroup in every hierarchy; recorded first, so that a crash can be cleaned up. */
export function createCgroup(ctx: RuntimeContext): void {
  const { spec, id, rootless, systemdCgroup: systemd } = ctx;
  ctx.cgroup = openCgroup({ id, cgroupsPath: spec.linux?.cgroupsPath, rootless, systemd });
  ctx.record.cgroup = ctx.cgroup.serialize();
  writeRecord(ctx.stateDir, ctx.record);
  ctx.cgroup.create(spec.linux?.resources);
  ctx.cgroupCreated = true;
  // Without those that it had to give up.
  ctx.record.cgroup = ctx.cgroup.serialize();
  if (ctx.cgroup.hierarchies.length === 0 && ctx.record.sharedPid) ctx.warn(NOTHING_TO_KILL);
}

const NOTHING_TO_KILL =
  'a container without a cgroup and without a pid namespace of its own: its processes cannot all be ' +
  'found to be killed. Such configuration is strongly discouraged';

export function destroyCgroup(ctx: RuntimeContext): void {
  ctx.attachment?.close();
  if (ctx.cgroupCreated) ctx.cgroup.destroy();
}

/** Sets the limits, and opens the way in: init moves itself, which is faster than being moved. */
export function limitResources(ctx: RuntimeContext): void {
  const { cgroup, spec } = ctx;
  const { resources = {}, devices } = spec.linux ?? {};
  atField('linux.resources', () => cgroup.apply(resources, devices ? { devices } : {}));
  const visits = makesNamespace(spec.linux, 'cgroup');
  // From inside a joined cgroup namespace the kernel does not see where the child is to be born.
  const cloneInto = visits || !hasNamespace(spec.linux, 'cgroup');
  ctx.attachment = cgroup.openAttachment({ cloneInto, visits });
}
