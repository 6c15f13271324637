import type { Cgroup } from '../cgroups/cgroup.ts';
import { loadSpec } from '../config/load.ts';
import { mergeResources } from '../config/merge-resources.ts';
import type { LinuxResources } from '../config/types.ts';
import { validateResources } from '../config/validate/resources.ts';
import { ConfigError } from '../errors/config-error.ts';
import { RuntimeError } from '../errors/runtime-error.ts';
import { reportFailure, StageError } from '../errors/stage-error.ts';
import { writeConfig } from '../state/store.ts';
import { recordStep } from './record-step.ts';
import { inSession, type SessionOptions } from './session.ts';
import { type ContainerRequest, cgroupOf, readContainer } from './stored.ts';

export interface UpdateRequest extends ContainerRequest {
  /** What changes; what is absent stays. Device rules are never changed. */
  resources: LinuxResources;
  /** What to call `resources` in errors: a file's name. */
  source?: string;
  session?: SessionOptions;
}

/** Changes the limits of a container, now and in the configuration kept with its state. */
export async function update(request: UpdateRequest): Promise<void> {
  const { resources, source = 'resources' } = request;
  await inSession('update', request.id, request.session, async (session) => {
    const container = readContainer(request);
    session.recorder.setContainer(request.id, container.record);
    const problems = validateResources(resources);
    if (problems.length > 0) throw new ConfigError(problems, source);
    const { kernel, kernelTCP } = resources.memory ?? {};
    if (kernel !== undefined || kernelTCP !== undefined) {
      session.log.warning('Kernel memory settings are ignored and will be removed');
    }
    if (container.status === 'stopped') throw new RuntimeError('container not running');
    const spec = loadSpec(container.stateDir);
    const before = spec.linux?.resources ?? {};
    const after = mergeResources(before, resources);
    recordStep(session, 'limitResources', () =>
      apply(cgroupOf(container), before, { ...after, unified: resources.unified ?? {} }),
    );
    writeConfig(container.stateDir, { ...spec, linux: { ...spec.linux, resources: after } });
  });
}

/** All or nothing, as far as the kernel lets what it has granted be taken back. */
function apply(cgroup: Cgroup, before: LinuxResources, after: LinuxResources): void {
  try {
    cgroup.apply(after, { keepDevices: true });
  } catch (error) {
    const failure = reportFailure(error);
    try {
      cgroup.apply(before, { keepDevices: true });
    } catch (undoError) {
      failure.message += `; then setting back the old limits: ${reportFailure(undoError).message}`;
    }
    throw new StageError('limitResources', failure, error);
  }
}
