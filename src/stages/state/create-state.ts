import { realpathSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { makesNamespace } from '../../config/has-namespace.ts';
import type { OnFailure } from '../../context/cleanup.ts';
import type { ConfiguredContext, PreparedContext, RecordedContext } from '../../context/context.ts';
import { hasHooks } from '../../hooks/hook-calls.ts';
import { listenForStart } from '../../state/notify-socket.ts';
import { claimStateDir, removeStateDir, writeConfig } from '../../state/store.ts';
import { closeFd } from '../../syscalls/files/close-fd.ts';
import { runtimeHooks } from '../hooks/runtime-hooks.ts';

/** Claims the id: makes state directory, socket and configuration. createCgroup adds the record. */
export function createState(
  ctx: ConfiguredContext,
  onFailure: OnFailure,
): Pick<PreparedContext, 'rootfs'> {
  const { stateDir, inherited, startSockets } = ctx;
  const rootfs = describeContainer(ctx);
  claimStateDir(dirname(stateDir), ctx.id);
  onFailure.defer(() => undoState(ctx));
  inherited.notify = startSockets.adopt(listenForStart(stateDir), closeFd);
  writeConfig(stateDir, ctx.spec);
  return { rootfs };
}

/**
 * Sets the record's fields that come from the configuration; returns the rootfs without symlinks.
 */
function describeContainer({ record, spec, bundle }: ConfiguredContext): string {
  const path = resolve(bundle, spec.root!.path);
  const rootfs = realpathSync(path);
  record.rootfs = path;
  record.ociVersion = spec.ociVersion;
  if (spec.annotations) record.annotations = spec.annotations;
  record.sharedPid = !makesNamespace(spec.linux, 'pid');
  return rootfs;
}

/**
 * Removes what a failed create left as `delete` would: the poststop hooks run last (runtime.md,
 * Lifecycle, steps 12 and 13).
 */
async function undoState(ctx: ConfiguredContext): Promise<void> {
  // If the cgroup could not be removed, the record stays: `delete --force` finds the cgroup by it.
  if (ctx.cgroupCreated) return;
  removeState(ctx);
  if (hasHooks(ctx.spec, 'poststop')) await runtimeHooks('poststop', 'stopped')(ctx);
}

export const removeState = ({ stateDir }: RecordedContext): void => removeStateDir(stateDir);
