import { joinsNamespace } from '../../config/has-namespace.ts';
import type { OnFailure } from '../../context/cleanup.ts';
import type { ForkedContext, PreparedContext } from '../../context/context.ts';
import type { Stage } from '../../context/stage.ts';
import type { NamespacePlan } from '../../init/fork/join.ts';
import { stagesOfInit, startsInTrampoline } from '../../init/stages-of-init.ts';
import { trampolineFile } from '../../init/trampoline/trampoline-file.ts';
import { closeNamespaces, planNamespaces } from '../../namespaces/namespace-plan.ts';
import { isOwn } from '../../namespaces/namespaces-of-init.ts';
import { tryPidnsOption } from '../../rootfs/joined-procfs.ts';
import { openProcfsContexts } from '../../rootfs/procfs-contexts.ts';
import { SourceOpener } from '../../rootfs/source-opener.ts';
import { filterComesLast } from '../../seccomp/filter-comes-last.ts';
import { closeStartFifos, makeStartFifos } from '../../state/start-fifos.ts';
import { closeFd } from '../../syscalls/files/close-fd.ts';
import { CLONE_NEWPID } from '../../syscalls/task/namespaces.ts';
import { needsMountSources } from '../mounts/open-mount-sources.ts';
import { forkProcess } from './fork-process.ts';

/** Forks init into its namespaces; from then on init walks the stages, too. */
export async function forkInit(
  ctx: PreparedContext,
  onFailure: OnFailure,
  stages: () => readonly Stage[],
): Promise<Pick<ForkedContext, 'init' | 'channel'>> {
  const childJoins = joinsNamespace(ctx.spec.linux, 'pid');
  // An ordinary user's runtime still has to write to init's files in /proc.
  const plan = { ...planNamespaces(ctx.spec), undumpable: !ctx.unprivileged, childJoins };
  using forking = new DisposableStack();
  forking.adopt(plan, closeNamespaces);
  if (childJoins) stayOutside(ctx, plan, forking);
  if (needsMountSources(ctx)) {
    ctx.mountSources = ctx.atEnd.adopt(new SourceOpener(), (opener) => opener.end());
  }
  if (waitsUnderFilter(ctx, stages())) {
    ctx.inherited.fifos = ctx.startSockets.adopt(makeStartFifos(ctx.stateDir), closeStartFifos);
  }
  return await forkProcess(ctx, onFailure, plan, stages);
}

/** Keeps init outside of the pid namespace to join, until it is a trampoline: enterPidNamespace. */
function stayOutside(
  ctx: PreparedContext,
  { join }: NamespacePlan,
  forking: DisposableStack,
): void {
  const { fd } = join.find(({ flag }) => flag === CLONE_NEWPID)!;
  ctx.joinsPidNamespace = true;
  ctx.pidNamespace = isOwn('pid', fd) ? undefined : fd;
  ctx.expectedChild = { depth: ctx.pidNamespace === undefined ? 0 : 1 };
  // A trampoline that waits for `start` cannot ask plugins: `start` does, before it gives the turn.
  delete ctx.record.interceptedStages;
  prepareProcfs(ctx, join, forking);
}

/** Opens contexts for mounts of procfs: older kernels do not let init make these from outside. */
function prepareProcfs(
  ctx: PreparedContext,
  join: NamespacePlan['join'],
  forking: DisposableStack,
): void {
  const { pidNamespace, spec, stateDir, unprivileged } = ctx;
  const count = spec.mounts?.filter(({ type }) => type === 'proc').length ?? 0;
  if (pidNamespace === undefined || count === 0 || takesPidns(pidNamespace)) return;
  const trampoline = forking.adopt(
    trampolineFile(stateDir, { unreadable: !unprivileged }),
    closeFd,
  );
  ctx.procfsContexts = openProcfsContexts(join, trampoline, count);
  for (const fd of ctx.procfsContexts) forking.adopt(fd, closeFd);
}

/** Whether the kernel has procfs's option pidns. False for an ordinary user, who cannot try it. */
function takesPidns(namespace: number): boolean {
  try {
    const fsFd = tryPidnsOption(namespace);
    closeFd(fsFd ?? -1);
    return fsFd !== undefined;
  } catch {
    return false;
  }
}

/** True where init waits for `start` as a trampoline that has its filter already. */
const waitsUnderFilter = (ctx: PreparedContext, stages: readonly Stage[]): boolean =>
  ctx.seccomp !== undefined &&
  !filterComesLast(ctx.spec) &&
  (ctx.joinsPidNamespace || startsInTrampoline(ctx, stagesOfInit(ctx, stages)));
