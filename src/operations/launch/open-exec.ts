import { readFileSync } from 'node:fs';
import { checkPreservedFds } from '../../caller/listen-fds.ts';
import { attachBesideInit } from '../../cgroups/exec/cgroup-of-init.ts';
import { subCgroups } from '../../cgroups/exec/sub-cgroups.ts';
import { loadCgroup } from '../../cgroups/open.ts';
import { parseProcess } from '../../config/load.ts';
import type { Process, Spec } from '../../config/types.ts';
import { processShape, validateProcess } from '../../config/validate/process.ts';
import { processWarnings } from '../../config/warnings.ts';
import { ConfigError } from '../../errors/config-error.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';
import type { LaunchOptions, RuntimeContext } from '../../lifecycle/context.ts';
import { type ExecProcessOptions, execProcess } from '../../process/exec-process.ts';
import { hostWarnings } from '../../process/host-warnings.ts';
import { connectSockets } from '../../stages/state/connect-to-caller.ts';
import type { ContainerRequest, StoredContainer } from '../../state/container.ts';
import { checkTerminal } from '../../terminal/console-socket.ts';
import { contextOf } from '../session/context-of.ts';
import type { Session, SessionOptions } from '../session/session.ts';
import { closeLaunch } from './launch.ts';

/** The request of `exec`. Paths on the host are absolute. */
export interface ExecRequest
  extends ContainerRequest,
    ExecProcessOptions,
    Omit<LaunchOptions, 'noPivot' | 'noNewKeyring'> {
  /** A JSON file with the process, as in config.json, in place of the options. */
  processFile?: string;
  /** Return once the program runs. */
  detach: boolean;
  /** Cgroups below the container's: `[controller[,controller]:]path`. */
  cgroup: readonly string[];
  ignorePaused: boolean;
  session?: SessionOptions;
}

/** Makes the context for execStages. Creates nothing yet. */
export function openExec(
  container: StoredContainer,
  request: ExecRequest,
  session: Session,
): RuntimeContext {
  const base = contextOf(container, session);
  const program = programOf(request, base.spec.process);
  // The stages read the process from the spec, where it is normally the container's.
  const spec = { ...base.spec, process: program };
  for (const warning of [...processWarnings(program), ...hostWarnings(spec)]) base.warn(warning);
  const { consoleSocket, detach } = request;
  checkTerminal({ terminal: program.terminal === true, detach, consoleSocket });
  checkPreservedFds(0, request.preserveFds);
  const ctx: RuntimeContext = {
    ...base,
    spec,
    options: { ...request, noPivot: false, noNewKeyring: container.record.noNewKeyring ?? false },
    attachment: attachmentOf(container, request, base.spec),
  };
  try {
    connectSockets(ctx);
  } catch (error) {
    closeLaunch(ctx);
    throw error;
  }
  return ctx;
}

function attachmentOf(
  { record }: StoredContainer,
  { cgroup, environment }: ExecRequest,
  { linux }: Spec,
) {
  if (!record.cgroup || cgroup.length === 0) return attachBesideInit(record, linux, environment);
  const { rootless = false } = record;
  const place = loadCgroup(subCgroups(record.cgroup, cgroup), { rootless, environment });
  try {
    return place.openAttachment({ cloneInto: false });
  } catch (error) {
    const { message } = error as Error;
    throw new RuntimeError(`--cgroup ${cgroup.join(' ')}: adding pid to it: ${message}`);
  }
}

function programOf(request: ExecRequest, container: Process | undefined): Process {
  if (!request.processFile) {
    if (!container) throw new RuntimeError('the container has no process: give --process');
    return execProcess(request, container);
  }
  const program = parseProcess(
    readFileSync(request.processFile, 'utf8'),
    request.processFile,
    processShape,
  );
  const problems = validateProcess(program);
  if (problems.length > 0) throw new ConfigError(problems, request.processFile);
  return program;
}
