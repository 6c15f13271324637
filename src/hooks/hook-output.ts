import { constants, openSync } from 'node:fs';
import { resolve } from 'node:path';
import { HOOKS_STDERR, HOOKS_STDOUT } from '../config/crun-annotations.ts';
import type { Spec } from '../config/types.ts';
import { prefixed } from '../errors/prefixed.ts';
import { FieldError } from '../errors/stage-error.ts';
import { closeFd } from '../syscalls/files/close-fd.ts';
import { closedOnFailure } from '../syscalls/files/closed-on-failure.ts';
import { setNonblocking } from '../syscalls/tty/tty.ts';

/** fds that hooks print to; davit's own pipe where there is none. */
export interface HookOutput {
  stdout?: number;
  stderr?: number;
}

const STREAMS = [
  ['stdout', HOOKS_STDOUT],
  ['stderr', HOOKS_STDERR],
] as const;

/** True where annotations name files for what hooks print. */
export const redirectsHooks = ({ annotations = {} }: Spec): boolean =>
  STREAMS.some(([, name]) => name in annotations);

/**
 * Opens them to append to: paths of the host, relative ones below the bundle as in crun. The first that
 * cannot be opened is an error, unless `failed` takes it.
 */
export function openHookOutput(
  { annotations = {} }: Spec,
  bundle: string,
  failed?: (error: Error) => void,
): HookOutput {
  const output: HookOutput = {};
  for (const [stream, name] of STREAMS) {
    const file = annotations[name];
    if (file === undefined) continue;
    try {
      output[stream] = openToAppend(resolve(bundle, file));
    } catch (error) {
      const field = `annotations["${name}"]`;
      const failure = new FieldError(field, prefixed(field, error));
      if (!failed) {
        closeHookOutput(output);
        throw failure;
      }
      failed(failure);
    }
  }
  return output;
}

/** A FIFO that nobody reads is an error, and no hang: with Podman an image may name it. The hook's writes wait. */
function openToAppend(path: string): number {
  const { O_WRONLY, O_CREAT, O_APPEND, O_NOCTTY, O_NONBLOCK } = constants;
  const flags = O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY | O_NONBLOCK;
  return closedOnFailure(openSync(path, flags, 0o600), (fd) => setNonblocking(fd, false));
}

export function closeHookOutput(output: HookOutput): void {
  for (const fd of Object.values(output)) closeFd(fd);
}
