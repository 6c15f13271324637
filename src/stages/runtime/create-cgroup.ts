import { openCgroup } from '../../cgroups/open.ts';
import { hasNamespace, makesNamespace } from '../../config/validate/has-namespace.ts';
import { atField } from '../../errors/stage-error.ts';
import type { RuntimeContext } from '../../lifecycle/context.ts';
import { cgroupOwner } from '../../process/cgroup-owner.ts';
import { forkPlaceholder } from '../../process/placeholder.ts';
import { writeRecord } from '../../state/store.ts';

/** Makes the container's cgroup in every hierarchy; first recorded, in case of a crash. */
export function createCgroup(ctx: RuntimeContext): void {
  const { spec, id, rootless } = ctx;
  const systemd = ctx.systemdCgroup
    ? { annotations: spec.annotations, owner: cgroupOwner(spec) }
    : undefined;
  ctx.cgroup = openCgroup({ id, cgroupsPath: spec.linux?.cgroupsPath, rootless, systemd });
  ctx.record.cgroup = ctx.cgroup.serialize();
  writeRecord(ctx.stateDir, ctx.record);
  if (systemd) ctx.placeholder = forkPlaceholder();
  const create = (): void => ctx.cgroup.create(spec.linux?.resources, ctx.placeholder?.pid);
  if (spec.linux?.cgroupsPath) atField('linux.cgroupsPath', create);
  else create();
  ctx.cgroupCreated = true;
  // Without those that it had to give up.
  ctx.record.cgroup = ctx.cgroup.serialize();
  if (ctx.cgroup.hierarchies.length === 0 && ctx.record.sharedPid) ctx.warn(NOTHING_TO_KILL);
}

const NOTHING_TO_KILL =
  'a container without a cgroup and without a pid namespace of its own: its processes cannot all be ' +
  'found to be killed. Such configuration is strongly discouraged';

/** Ends the process that a scope was made around, now that the container's own is in there. */
export function endPlaceholder(ctx: RuntimeContext): void {
  ctx.placeholder?.end();
  ctx.placeholder = undefined;
}

export function destroyCgroup(ctx: RuntimeContext): void {
  endPlaceholder(ctx);
  ctx.attachment?.close();
  if (ctx.cgroupCreated) ctx.cgroup.destroy();
}

/** Sets the limits, and opens the way in: init moves itself, which is faster than being moved. */
export function limitResources(ctx: RuntimeContext): void {
  const { cgroup, spec } = ctx;
  const { resources = {}, devices } = spec.linux ?? {};
  atField('linux.resources', () => cgroup.apply(resources, devices ? { devices } : {}));
  const visits = makesNamespace(spec.linux, 'cgroup');
  // From inside a joined cgroup namespace the kernel does not see where the child is to be born; and a
  // pids limit counts the placeholder, too, next to which nobody can be born, but moving in is free.
  const cloneInto = !ctx.placeholder && (visits || !hasNamespace(spec.linux, 'cgroup'));
  ctx.attachment = cgroup.openAttachment({ cloneInto, visits });
}
