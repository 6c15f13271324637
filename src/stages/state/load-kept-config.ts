import { readFileSync } from 'node:fs';
import { loadSpec, parseProcess } from '../../config/load.ts';
import type { Process, Spec } from '../../config/types.ts';
import { processShape, validateProcess } from '../../config/validate/process.ts';
import { processWarnings } from '../../config/warnings/spec-warnings.ts';
import { unknownFieldsWarning } from '../../config/warnings/unknown-fields.ts';
import type {
  DeleteContext,
  ExecContext,
  PreparedContext,
  ReadContext,
} from '../../context/context.ts';
import type { ExecOptions, LaunchOptions } from '../../context/launch.ts';
import { ConfigError } from '../../errors/config-error.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { execProcess } from '../../process/exec-process.ts';
import { hostWarnings } from '../../process/host-warnings.ts';
import type { StoredContainer } from '../../state/container.ts';
import { requireProcess } from './load-config.ts';

/** What the stages need of an existing container. */
type KeptLaunch = Pick<
  PreparedContext,
  | 'record'
  | 'bundle'
  | 'spec'
  | 'rootfs'
  | 'stateDir'
  | 'options'
  | 'rootless'
  | 'cgroupManager'
  | 'listenFds'
  | 'cgroup'
>;

/** `spec` is the configuration kept at creation. */
function keptLaunch({ record, stateDir, cgroup }: StoredContainer, spec: Spec): KeptLaunch {
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
    cgroup,
  };
}

/** Loads the kept configuration for `start`, which needs a program. */
export function loadConfigToStart({ container }: ReadContext): KeptLaunch {
  const spec = loadSpec(container.stateDir);
  requireProcess(spec);
  return keptLaunch(container, spec);
}

/** Loads the kept configuration for `checkpoint`. */
export const loadConfigToCheckpoint = ({ container }: ReadContext): KeptLaunch =>
  keptLaunch(container, loadSpec(container.stateDir));

/** Loads the kept configuration for `exec`. The stages read the process from it. */
export function loadConfigToExec({
  container,
  execOptions,
  warn,
}: ReadContext & ExecContext): KeptLaunch {
  const kept = loadSpec(container.stateDir);
  const spec = { ...kept, process: programOf(execOptions, kept.process) };
  const warnings = [
    ...(execOptions.processFile ? unknownFieldsWarning(spec.process, processShape, 'process') : []),
    ...processWarnings(spec.process),
    ...hostWarnings(spec),
  ];
  for (const warning of warnings) warn(warning);
  const { noNewKeyring = false } = container.record;
  const options: LaunchOptions = { ...execOptions, noPivot: false, noNewKeyring };
  return { ...keptLaunch(container, spec), options };
}

function programOf(options: ExecOptions, container: Process | undefined): Process {
  const { processFile, processText = processFile && readFileSync(processFile, 'utf8') } = options;
  if (!processText) {
    if (!container) throw new RuntimeError('the container has no process: give --process');
    return execProcess(options, container);
  }
  const source = processFile ?? 'process';
  const program = parseProcess(processText, source, processShape);
  const problems = validateProcess(program);
  if (problems.length > 0) throw new ConfigError(problems, source);
  return program;
}

/** Loads the kept configuration. --force does without one that a power cut or full disk damaged. */
export function loadConfigToDelete({
  container,
  force,
  warn,
}: ReadContext & DeleteContext): KeptLaunch {
  try {
    return keptLaunch(container, loadSpec(container.stateDir));
  } catch (error) {
    if (!force) throw error;
    warn(`its poststop hooks, if it has any, are not run: ${(error as Error).message}`);
    return keptLaunch(container, { ociVersion: container.record.ociVersion });
  }
}

/** Throws for a container that runs or is paused, without --force. */
export function checkDeletable({ status }: StoredContainer, { id, force }: DeleteContext): void {
  if (status === 'stopped' || status === 'created' || force) return;
  throw new RuntimeError(
    `cannot delete container ${id} that is not stopped: ${status}`,
    'stop it with davit kill, or give --force',
  );
}
