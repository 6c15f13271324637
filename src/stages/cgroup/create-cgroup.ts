import type { Cgroup } from '../../cgroups/cgroup.ts';
import { cgroupOwner } from '../../cgroups/exec/cgroup-owner.ts';
import { openCgroup, openNoCgroup, openSystemdCgroup } from '../../cgroups/open.ts';
import { hasNamespace, makesNamespace } from '../../config/has-namespace.ts';
import type { Spec } from '../../config/types.ts';
import type { OnFailure } from '../../context/cleanup.ts';
import type { ConfiguredContext, PreparedContext } from '../../context/context.ts';
import { atField } from '../../errors/stage-error.ts';
import { writeRecord } from '../../state/store.ts';
import { removeCgroup } from '../state/end-container.ts';

/** The cgroup that is made, and what holds systemd's scope for it. */
type MadeCgroup = { readonly cgroup: Cgroup } & Pick<PreparedContext, 'placeholder'>;

/** Makes the container's cgroup in every hierarchy. Writes the record first, in case of a crash. */
export async function createCgroup(
  ctx: ConfiguredContext,
  onFailure: OnFailure,
): Promise<MadeCgroup> {
  const { spec, cgroupManager, record } = ctx;
  const cgroup = await placeOf(ctx);
  record.cgroup = cgroup.serialize();
  writeRecord(ctx.stateDir, record);
  const placeholder =
    cgroupManager === 'systemd'
      ? ctx.atEnd.adopt(await ctx.initParent.makePlaceholder(), (made) => made.kill())
      : undefined;
  const create = () => cgroup.create(spec.linux?.resources, placeholder?.pid);
  if (spec.linux?.cgroupsPath) await awaitAtField('linux.cgroupsPath', create);
  else await create();
  ctx.cgroupCreated = true;
  onFailure.defer(async () => {
    placeholder?.kill();
    await removeCgroup({ cgroup });
    ctx.cgroupCreated = false;
  });
  // create() may have given up hierarchies: record the rest.
  record.cgroup = cgroup.serialize();
  if (cgroup.hierarchies.length === 0 && record.sharedPid) ctx.warn(NOTHING_TO_KILL);
  if (cgroupManager === 'disabled' && limits(spec)) ctx.warn(UNLIMITED);
  return { cgroup, placeholder };
}

/** True where config.json asks for limits. `devices` does not count: engines always set it. */
const limits = ({ linux }: Spec): boolean =>
  Object.keys(linux?.resources ?? {}).some((name) => name !== 'devices');

const UNLIMITED = 'linux.resources: ignored, as cgroups are disabled by --cgroup-manager';

async function placeOf(ctx: ConfiguredContext): Promise<Cgroup> {
  const { spec, id, rootless, cgroupManager, callerEnvironment: environment, eventLoop } = ctx;
  if (cgroupManager === 'disabled') return openNoCgroup();
  const options = { id, cgroupsPath: spec.linux?.cgroupsPath, rootless };
  if (cgroupManager === 'cgroupfs') return openCgroup(options);
  const { annotations } = spec;
  const owner = cgroupOwner(spec);
  return await openSystemdCgroup(options, { annotations, owner, environment, eventLoop });
}

/** {@link atField}, for an action that may wait for systemd. */
async function awaitAtField(field: string, action: () => void | Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    atField(field, () => {
      throw error;
    });
  }
}

const NOTHING_TO_KILL =
  'a container without a cgroup and without a pid namespace of its own: its processes cannot all be ' +
  'found to be killed. Such configuration is strongly discouraged';

/** Ends the placeholder that systemd made the scope around: init in the scope replaces it. */
export async function endPlaceholder({
  placeholder,
}: Pick<PreparedContext, 'placeholder'>): Promise<void> {
  await placeholder?.end();
}

/** Sets the limits and opens the attachment: init moves itself, faster than the runtime could. */
export async function limitResources({
  cgroup,
  placeholder,
  spec,
  atEnd,
}: ConfiguredContext & MadeCgroup): Promise<Pick<PreparedContext, 'attachment'>> {
  const { resources = {}, devices } = spec.linux ?? {};
  await awaitAtField('linux.resources', () => cgroup.apply(resources, devices ? { devices } : {}));
  const returns = makesNamespace(spec.linux, 'cgroup');
  // From inside a joined cgroup namespace, CLONE_INTO_CGROUP cannot reach the cgroup. With
  // pids.max=1 the placeholder uses the only slot: cloning into the cgroup fails, moving in is not
  // checked.
  const cloneInto = !placeholder && (returns || !hasNamespace(spec.linux, 'cgroup'));
  return { attachment: atEnd.use(cgroup.openAttachment({ cloneInto, returns })) };
}
