import { readFileSync } from 'node:fs';
import { loadSpec, parseProcess } from '../../config/load.ts';
import type { Process, Spec } from '../../config/types.ts';
import { processShape, validateProcess } from '../../config/validate/process.ts';
import { processWarnings } from '../../config/warnings.ts';
import { ConfigError } from '../../errors/config-error.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';
import type { ContainerContext, DeleteContext, ExecContext } from '../../lifecycle/context.ts';
import type { ExecOptions, Launch, LaunchOptions } from '../../lifecycle/launch.ts';
import { execProcess } from '../../process/exec-process.ts';
import { hostWarnings } from '../../process/host-warnings.ts';
import type { StoredContainer } from '../../state/container.ts';
import { requireProcess } from './load-config.ts';

/** What stages need of an existing container. `spec` is the configuration kept at creation. */
function keptLaunch({ record, stateDir, cgroup }: StoredContainer, spec: Spec) {
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
    cgroup: cgroup as Launch['cgroup'],
  };
}

/** Loads the kept configuration for `start`, which needs a program. */
export function loadConfigToStart(ctx: ContainerContext): void {
  const spec = loadSpec(ctx.container.stateDir);
  requireProcess(spec);
  Object.assign(ctx, keptLaunch(ctx.container, spec));
}

/** Loads the kept configuration for `exec`. The stages read the process from it. */
export function loadConfigToExec(ctx: ExecContext): void {
  const { container, asked, warn } = ctx;
  const kept = loadSpec(container.stateDir);
  const spec = { ...kept, process: programOf(asked, kept.process) };
  for (const warning of [...processWarnings(spec.process), ...hostWarnings(spec)]) warn(warning);
  const { noNewKeyring = false } = container.record;
  const options: LaunchOptions = { ...asked, noPivot: false, noNewKeyring };
  Object.assign(ctx, keptLaunch(container, spec), { options });
}

function programOf(asked: ExecOptions, container: Process | undefined): Process {
  const { processFile } = asked;
  if (!processFile) {
    if (!container) throw new RuntimeError('the container has no process: give --process');
    return execProcess(asked, container);
  }
  const program = parseProcess(readFileSync(processFile, 'utf8'), processFile, processShape);
  const problems = validateProcess(program);
  if (problems.length > 0) throw new ConfigError(problems, processFile);
  return program;
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
