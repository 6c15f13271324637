import { realpathSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { makesNamespace } from '../../config/has-namespace.ts';
import { hasHooks } from '../../hooks/run-hooks.ts';
import type { RuntimeContext } from '../../lifecycle/context.ts';
import { listenForStart } from '../../state/notify-socket.ts';
import { claimStateDir, removeStateDir, writeConfig } from '../../state/store.ts';
import { runtimeHooks } from '../hooks/runtime-hooks.ts';

/** Claims the id: makes its directory, socket and configuration. createCgroup adds the record. */
export function createState(ctx: RuntimeContext): void {
  const { stateDir, inherited } = ctx;
  describeContainer(ctx);
  claimStateDir(dirname(stateDir), ctx.id);
  ctx.claimed = true;
  inherited.notify = listenForStart(stateDir);
  writeConfig(stateDir, ctx.spec);
}

/** Takes over what the state tells of the configuration, now that it is validated. */
function describeContainer(ctx: RuntimeContext): void {
  const { record, spec, bundle } = ctx;
  const path = resolve(bundle, spec.root!.path);
  ctx.rootfs = realpathSync(path);
  record.rootfs = path;
  record.ociVersion = spec.ociVersion;
  if (spec.annotations) record.annotations = spec.annotations;
  record.sharedPid = !makesNamespace(spec.linux, 'pid');
}

/**
 * Ends a life that did not come to be as `delete` ends one: the poststop hooks are the last of it
 * (runtime.md, Lifecycle, steps 12 and 13).
 */
export async function undoState(ctx: RuntimeContext): Promise<void> {
  // With a cgroup that could not be removed, the record stays: `delete --force` finds it by that.
  if (!ctx.claimed || ctx.cgroupCreated) return;
  removeState(ctx);
  if (hasHooks(ctx.spec, 'poststop')) await runtimeHooks('poststop', 'stopped')(ctx);
}

/** Only what this create claimed: a taken id is another container's. */
export function removeState(ctx: RuntimeContext): void {
  if (ctx.claimed) removeStateDir(ctx.stateDir);
}
