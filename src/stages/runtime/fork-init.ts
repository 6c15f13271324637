import type { RuntimeContext } from '../../lifecycle/context.ts';
import type { Stage } from '../../lifecycle/stage.ts';
import { initsStages } from '../../process/init.ts';
import { closeNamespaces, planNamespaces } from '../../process/namespace-plan.ts';
import { filterComesLast } from '../../process/seccomp/filter-comes-last.ts';
import { SourceOpener } from '../../process/source-opener.ts';
import { startsInTrampoline } from '../../process/walk-in-trampoline.ts';
import { makeStartFifos } from '../../state/start-fifos.ts';
import { forkProcess, killForked } from './fork-process.ts';
import { needsMountSources } from './open-mount-sources.ts';

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
