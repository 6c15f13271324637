import { readFileSync } from 'node:fs';
import { loadCgroup } from '../cgroups/open.ts';
import { parseProcess } from '../config/load.ts';
import type { Process } from '../config/types.ts';
import { validateProcess } from '../config/validate/process.ts';
import { ConfigError } from '../errors/config-error.ts';
import { RuntimeError } from '../errors/runtime-error.ts';
import type { LaunchOptions } from '../lifecycle/context.ts';
import { Engine } from '../lifecycle/engine.ts';
import { execStages } from '../lifecycle/stages.ts';
import { checkTerminal, connectConsoleSocket } from '../process/console-socket.ts';
import { type ExecProcessOptions, execProcess } from '../process/exec-process.ts';
import { beginForeground } from '../process/foreground-plan.ts';
import { checkPreservedFds } from '../process/listen-fds.ts';
import { connectPidfdSocket } from '../process/pidfd-socket.ts';
import { subCgroups } from '../process/sub-cgroups.ts';
import { contextOf } from './context-of.ts';
import { closeLaunch } from './launch.ts';
import { inSession, recordProgram, type Session, type SessionOptions } from './session.ts';
import { type ContainerRequest, readContainer, type StoredContainer } from './stored.ts';

/** What `exec` is asked for; paths on the host are absolute. */
export interface ExecRequest
  extends ContainerRequest,
    ExecProcessOptions,
    Omit<LaunchOptions, 'noPivot' | 'noNewKeyring'> {
  /** A file that holds the process as config.json would, in place of the options. */
  processFile?: string;
  /** Return once the program runs. */
  detach: boolean;
  /** Cgroups below the container's: `[controller[,controller]:]path`. */
  cgroup: readonly string[];
  ignorePaused: boolean;
  session?: SessionOptions;
}

/** Runs another program in a container. Returns its exit status, or 0 at once when detached. */
export async function exec(request: ExecRequest): Promise<number> {
  return inSession('exec', request.id, request.session, async (session) => {
    const container = readContainer(request);
    session.recorder.setContainer(request.id, container.record.traceparent);
    checkStatus(container, request);
    return launch(container, request, session);
  });
}

function checkStatus({ status }: StoredContainer, { ignorePaused }: ExecRequest): void {
  if (status === 'stopped') throw new RuntimeError('cannot exec in a stopped container');
  if (status === 'creating') throw new RuntimeError('cannot exec in a container being created');
  if (status === 'paused' && !ignorePaused) {
    throw new RuntimeError(
      'cannot exec in a paused container',
      'resume it, or use --ignore-paused',
    );
  }
}

async function launch(
  container: StoredContainer,
  request: ExecRequest,
  session: Session,
): Promise<number> {
  const base = contextOf(container, session);
  const program = programOf(request, base.spec.process!);
  const terminal = program.terminal === true;
  checkTerminal({ terminal, detach: request.detach, consoleSocket: request.consoleSocket });
  checkPreservedFds(0, request.preserveFds);
  const { consoleSocket, pidfdSocket } = request;
  const ctx = {
    ...base,
    // The stages take the process from here: for them it is the container's.
    spec: { ...base.spec, process: program },
    options: { ...request, noPivot: false, noNewKeyring: true },
    attachment: attachmentOf(container, request),
    inherited: {
      ...base.inherited,
      console: consoleSocket ? connectConsoleSocket(consoleSocket) : -1,
      pidfd: pidfdSocket ? connectPidfdSocket(pidfdSocket) : -1,
    },
  };
  const foreground = request.detach ? undefined : beginForeground(ctx);
  try {
    await new Engine(ctx, session.watch).run(execStages);
    foreground?.takeTerminal();
    if (!foreground) return 0;
    const start = process.hrtime.bigint();
    const status = foreground.wait(ctx.init!);
    recordProgram(session, start);
    return status;
  } finally {
    foreground?.end();
    closeLaunch(ctx);
  }
}

function attachmentOf({ record }: StoredContainer, { cgroup }: ExecRequest) {
  if (!record.cgroup) return undefined;
  const place = loadCgroup(subCgroups(record.cgroup, cgroup), {
    rootless: record.rootless ?? false,
  });
  return place.openAttachment({ cloneInto: true });
}

function programOf(request: ExecRequest, container: Process): Process {
  if (!request.processFile) return execProcess(request, container);
  const program = parseProcess(readFileSync(request.processFile, 'utf8'), request.processFile);
  const problems = validateProcess(program);
  if (problems.length > 0) throw new ConfigError(problems, request.processFile);
  return program;
}
