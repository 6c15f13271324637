import { initsStages } from '../../init/init.ts';
import { startsInTrampoline } from '../../init/walk-in-trampoline.ts';
import type { RuntimeContext } from '../../lifecycle/context.ts';
import type { Stage } from '../../lifecycle/stage.ts';
import { closeNamespaces, planNamespaces } from '../../namespaces/namespace-plan.ts';
import { SourceOpener } from '../../rootfs/source-opener.ts';
import { filterComesLast } from '../../seccomp/filter-comes-last.ts';
import { makeStartFifos } from '../../state/start-fifos.ts';
import { needsMountSources } from '../mounts/open-mount-sources.ts';
import { forkProcess, killForked } from './fork-process.ts';

/** Forks init into its namespaces; from here on it walks the stages, too. */
export function forkInit(ctx: RuntimeContext, stages: () => readonly Stage[]): void {
  // An ordinary user's runtime has yet to write to init's files in /proc.
  const plan = { ...planNamespaces(ctx.spec), secret: !ctx.unprivileged };
  if (needsMountSources(ctx)) ctx.mountSources = new SourceOpener();
  if (waitsUnderFilter(ctx, stages())) ctx.inherited.fifos = makeStartFifos(ctx.stateDir);
  try {
    forkProcess(ctx, plan, stages);
  } finally {
    closeNamespaces(plan);
  }
}

/** True where init is a trampoline that has its filter while it waits for its start. */
const waitsUnderFilter = (ctx: RuntimeContext, stages: readonly Stage[]): boolean =>
  ctx.seccomp !== undefined &&
  !filterComesLast(ctx.spec) &&
  startsInTrampoline(ctx, initsStages(ctx, stages));

/** Kills init, and what it left in the cgroup where no pid namespace takes that along. */
export function killInit(ctx: RuntimeContext): void {
  killForked(ctx);
  if (ctx.cgroupCreated) ctx.cgroup.killAll();
}
