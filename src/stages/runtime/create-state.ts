import { closeSync, openSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { hasNamespace } from '../../config/validate/has-namespace.ts';
import type { RuntimeContext } from '../../lifecycle/context.ts';
import {
  claimStateDir,
  INIT_LOCK,
  NOTIFY_SOCKET,
  removeStateDir,
  writeConfig,
  writeRecord,
} from '../../state/store.ts';
import { umask } from '../../syscalls/file.ts';
import { flock, LOCK_EX } from '../../syscalls/flock.ts';
import { listenUnix, SOCK_SEQPACKET } from '../../syscalls/socket.ts';
import { poststopHooks } from './runtime-hooks.ts';

/** Claims the id and lays out the container's directory: its record, configuration, lock and socket. */
export function createState(ctx: RuntimeContext): void {
  const { stateDir, inherited } = ctx;
  describeContainer(ctx);
  claimStateDir(dirname(stateDir), ctx.id);
  ctx.claimed = true;
  inherited.lock = openSync(join(stateDir, INIT_LOCK), 'wx', 0o600);
  flock(inherited.lock, LOCK_EX);
  writeConfig(stateDir, ctx.spec);
  writeRecord(stateDir, ctx.record);
  inherited.notify = listenIn(stateDir, NOTIFY_SOCKET);
}

/** Takes over what the state tells of the configuration, now that it is validated. */
function describeContainer(ctx: RuntimeContext): void {
  const { record, spec, bundle } = ctx;
  const path = resolve(bundle, spec.root!.path);
  ctx.rootfs = realpathSync(path);
  record.rootfs = path;
  record.ociVersion = spec.ociVersion;
  if (spec.annotations) record.annotations = spec.annotations;
  record.sharedPid = !hasNamespace(spec.linux, 'pid');
}

/**
 * Socket paths end at 107 bytes, state directories do not: bind through the directory's fd. Nobody
 * else may connect, whatever the caller's umask.
 */
function listenIn(dir: string, name: string): number {
  const fd = openSync(dir, 'r');
  const mask = umask(0o177);
  try {
    return listenUnix(SOCK_SEQPACKET, `/proc/self/fd/${fd}/${name}`);
  } finally {
    umask(mask);
    closeSync(fd);
  }
}

/**
 * Ends a life that did not come to be as `delete` ends one: the poststop hooks are the last of it
 * (runtime.md, Lifecycle, steps 12 and 13).
 */
export function undoState(ctx: RuntimeContext): void {
  if (!ctx.claimed) return;
  removeState(ctx);
  poststopHooks(ctx);
}

/** Only what this create claimed: a taken id is another container's. */
export function removeState(ctx: RuntimeContext): void {
  if (ctx.claimed) removeStateDir(ctx.stateDir);
}
