import type { Cgroup } from '../../cgroups/cgroup.ts';
import { loadSpec } from '../../config/load.ts';
import { mergeResources } from '../../config/merge-resources.ts';
import type { LinuxResources } from '../../config/types.ts';
import { validateResources } from '../../config/validate/resources.ts';
import type { MergedLimits, ReadContext, UpdateContext } from '../../context/context.ts';
import { ConfigError } from '../../errors/config-error.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { reportFailure } from '../../errors/stage-error.ts';
import { cgroupOf } from '../../state/container.ts';
import { writeConfig } from '../../state/store.ts';

/** Validates the changes, and merges them with the container's current limits. */
export function mergeLimits({
  changes,
  source,
  container,
  warn,
}: ReadContext & UpdateContext): MergedLimits {
  const problems = validateResources(changes);
  if (problems.length > 0) throw new ConfigError(problems, source);
  const { kernel, kernelTCP } = changes.memory ?? {};
  if (kernel !== undefined || kernelTCP !== undefined) {
    warn('Kernel memory settings are ignored and will be removed');
  }
  if (container.status === 'stopped') throw new RuntimeError('container not running');
  const spec = loadSpec(container.stateDir);
  return { spec, resources: mergeResources(spec.linux?.resources ?? {}, changes) };
}

/** Applies the limits. After a failure, sets the old limits again, as far as the kernel allows. */
export async function updateResources({
  changes,
  container,
  resources,
  spec,
}: ReadContext & UpdateContext & MergedLimits): Promise<void> {
  const cgroup = cgroupOf(container);
  try {
    await apply(cgroup, { ...resources, unified: changes.unified ?? {} });
  } catch (error) {
    const failure = reportFailure(error);
    try {
      await apply(cgroup, spec.linux?.resources ?? {});
    } catch (undoError) {
      failure.message += `; then setting back the old limits: ${reportFailure(undoError).message}`;
    }
    throw Object.assign(new Error(failure.message, { cause: error }), failure);
  }
}

const apply = async (cgroup: Cgroup, resources: LinuxResources): Promise<void> =>
  cgroup.apply(resources, { keepDevices: true });

/** Saves the new limits: a later update starts from them. */
export function saveResources({ container, resources, spec }: ReadContext & MergedLimits): void {
  writeConfig(container.stateDir, { ...spec, linux: { ...spec.linux, resources } });
}
