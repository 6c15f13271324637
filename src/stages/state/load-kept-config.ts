import { loadSpec } from '../../config/load.ts';
import type { Spec } from '../../config/types.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';
import type { ContainerContext, DeleteContext, Launch } from '../../lifecycle/context.ts';
import type { StoredContainer } from '../../state/container.ts';

/** What stages need of an existing container. `spec` is the configuration kept at creation. */
export function keptLaunch({ record, stateDir, cgroup }: StoredContainer, spec: Spec) {
  return {
    record,
    bundle: record.bundle,
    spec,
    rootfs: record.rootfs,
    stateDir,
    options: { noPivot: false, noNewKeyring: false, preserveFds: 0 },
    rootless: record.rootless ?? false,
    cgroupManager: record.cgroup?.driver ?? ('disabled' as const),
    listenFds: 0,
    inherited: { notify: -1, console: -1, pidfd: -1 },
    cgroup: cgroup as Launch['cgroup'],
    claimed: true,
    cgroupCreated: cgroup !== undefined,
  };
}

/** Loads the kept configuration. --force does without one that a power cut or full disk damaged. */
export function loadConfigToDelete(ctx: DeleteContext): void {
  const { container, force } = ctx;
  try {
    Object.assign(ctx, keptLaunch(container, loadSpec(container.stateDir)));
  } catch (error) {
    if (!force) throw error;
    const { ociVersion } = container.record;
    Object.assign(ctx, keptLaunch(container, { ociVersion }));
    ctx.warn(`its poststop hooks, if it has any, are not run: ${(error as Error).message}`);
  }
}

/** Throws for a container that runs or is paused, without --force. */
export function checkDeletable(
  { status }: StoredContainer,
  { id, force }: ContainerContext & { force: boolean },
): void {
  if (status === 'stopped' || status === 'created' || force) return;
  throw new RuntimeError(
    `cannot delete container ${id} that is not stopped: ${status}`,
    'stop it with davit kill, or give --force',
  );
}
