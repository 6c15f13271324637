import { constants, openSync } from 'node:fs';
import { resolve } from 'node:path';
import { HOOKS_STDERR, HOOKS_STDOUT } from '../config/crun-annotations.ts';
import type { Spec } from '../config/types.ts';
import { prefixed } from '../errors/prefixed.ts';
import { FieldError } from '../errors/stage-error.ts';
import { closeFd } from '../syscalls/files/close-fd.ts';
import { closedOnFailure } from '../syscalls/files/closed-on-failure.ts';
import { setNonblocking } from '../syscalls/tty/tty.ts';

/** The fds of files that hooks print to. A stream without one goes to davit's own pipe. */
export interface HookFiles {
  stdout?: number;
  stderr?: number;
}

/** Such files, while they are open. */
type HookOutput = HookFiles & Disposable;

const STREAMS = [
  ['stdout', HOOKS_STDOUT],
  ['stderr', HOOKS_STDERR],
] as const;

/** True where annotations name files for the output of hooks. */
export const redirectsHooks = ({ annotations = {} }: Spec): boolean =>
  STREAMS.some(([, name]) => name in annotations);

/**
 * Opens the files to append to: paths of the host, relative ones below the bundle as in crun.
 * Throws for the first that cannot be opened; `failed`, where given, gets every such error instead.
 */
export function openHookOutput(
  { annotations = {} }: Spec,
  bundle: string,
  failed?: (error: Error) => void,
): HookOutput {
  using opening = new DisposableStack();
  const output: HookFiles = {};
  for (const [stream, name] of STREAMS) {
    const file = annotations[name];
    if (file === undefined) continue;
    try {
      output[stream] = opening.adopt(openToAppend(resolve(bundle, file)), closeFd);
    } catch (error) {
      const field = `annotations["${name}"]`;
      const failure = new FieldError(field, prefixed(field, error));
      if (!failed) throw failure;
      failed(failure);
    }
  }
  const opened = opening.move();
  return { ...output, [Symbol.dispose]: () => opened.dispose() };
}

/**
 * A FIFO without a reader is an error, not a hang: with Podman, an image may name it. The writes of
 * hooks block.
 */
function openToAppend(path: string): number {
  const { O_WRONLY, O_CREAT, O_APPEND, O_NOCTTY, O_NONBLOCK } = constants;
  const flags = O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY | O_NONBLOCK;
  return closedOnFailure(openSync(path, flags, 0o600), (fd) => setNonblocking(fd, false));
}
