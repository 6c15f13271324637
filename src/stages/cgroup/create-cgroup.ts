import type { Cgroup } from '../../cgroups/cgroup.ts';
import { cgroupOwner } from '../../cgroups/exec/cgroup-owner.ts';
import { openCgroup, openNoCgroup } from '../../cgroups/open.ts';
import { hasNamespace, makesNamespace } from '../../config/has-namespace.ts';
import type { Spec } from '../../config/types.ts';
import type { OnFailure } from '../../context/cleanup.ts';
import type { ConfiguredContext, PreparedContext } from '../../context/context.ts';
import { atField } from '../../errors/stage-error.ts';
import { forkPlaceholder } from '../../init/fork/placeholder.ts';
import { writeRecord } from '../../state/store.ts';
import { removeCgroup } from '../state/end-container.ts';

/** The cgroup that is made, and what holds systemd's scope for it. */
type MadeCgroup = { readonly cgroup: Cgroup } & Pick<PreparedContext, 'placeholder'>;

/** Makes the container's cgroup in every hierarchy. Writes the record first, in case of a crash. */
export function createCgroup(ctx: ConfiguredContext, onFailure: OnFailure): MadeCgroup {
  const { spec, cgroupManager, record } = ctx;
  const cgroup = placeOf(ctx);
  record.cgroup = cgroup.serialize();
  writeRecord(ctx.stateDir, record);
  const placeholder =
    cgroupManager === 'systemd'
      ? ctx.atEnd.adopt(forkPlaceholder(), ({ end }) => end())
      : undefined;
  const create = (): void => cgroup.create(spec.linux?.resources, placeholder?.pid);
  if (spec.linux?.cgroupsPath) atField('linux.cgroupsPath', create);
  else create();
  ctx.cgroupCreated = true;
  onFailure.defer(() => {
    placeholder?.end();
    removeCgroup({ cgroup });
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

function placeOf(ctx: ConfiguredContext): Cgroup {
  const { spec, id, rootless, cgroupManager, callerEnvironment: environment } = ctx;
  if (cgroupManager === 'disabled') return openNoCgroup();
  const systemd =
    cgroupManager === 'systemd'
      ? { annotations: spec.annotations, owner: cgroupOwner(spec), environment }
      : undefined;
  return openCgroup({ id, cgroupsPath: spec.linux?.cgroupsPath, rootless, systemd });
}

const NOTHING_TO_KILL =
  'a container without a cgroup and without a pid namespace of its own: its processes cannot all be ' +
  'found to be killed. Such configuration is strongly discouraged';

/** Ends the placeholder that systemd made the scope around: init in the scope replaces it. */
export function endPlaceholder({ placeholder }: Pick<PreparedContext, 'placeholder'>): void {
  placeholder?.end();
}

/** Sets the limits and opens the attachment: init moves itself, faster than the runtime could. */
export function limitResources({
  cgroup,
  placeholder,
  spec,
  atEnd,
}: ConfiguredContext & MadeCgroup): Pick<PreparedContext, 'attachment'> {
  const { resources = {}, devices } = spec.linux ?? {};
  atField('linux.resources', () => cgroup.apply(resources, devices ? { devices } : {}));
  const returns = makesNamespace(spec.linux, 'cgroup');
  // From inside a joined cgroup namespace, CLONE_INTO_CGROUP cannot reach the cgroup. With
  // pids.max=1 the placeholder uses the only slot: cloning into the cgroup fails, moving in is not
  // checked.
  const cloneInto = !placeholder && (returns || !hasNamespace(spec.linux, 'cgroup'));
  return { attachment: atEnd.use(cgroup.openAttachment({ cloneInto, returns })) };
}
