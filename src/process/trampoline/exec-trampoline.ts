import { fchmodSync, writeSync } from 'node:fs';
import { capget, capset } from '../../syscalls/capabilities.ts';
import { type ExecFd, execFd } from '../../syscalls/exec.ts';
import { memfdCreateExecutable, sealForEver } from '../../syscalls/memfd.ts';
import { TRAMPOLINE_NAME } from './trampoline-name.ts';

/**
 * The file for a trampoline, still empty. A `secret` one can be executed but not read: then execve(2)
 * leaves the trampoline closed to other processes, as protectInit left Node. The runtime makes it, so
 * that it is no user's of the container's.
 */
export function trampolineFile({ secret }: { secret: boolean }): number {
  const fd = memfdCreateExecutable('davit');
  if (secret) fchmodSync(fd, 0o111);
  return fd;
}

/**
 * Becomes the trampoline: the image in a sealed memfd, so that what /proc/self/exe leads to is
 * neither Node nor anything that can be written. `exec` returns only by throwing, unless init shares
 * its memory.
 */
export function execTrampoline(
  image: Uint8Array,
  argv: readonly string[] = TRAMPOLINE_NAME,
  file = trampolineFile({ secret: false }),
  exec: ExecFd = execFd,
): void {
  for (let written = 0; written < image.length; ) written += writeSync(file, image, written);
  sealForEver(file);
  // CAP_DAC_OVERRIDE would read the file all the same. execve(2) makes the effective set anew.
  capset({ ...capget(), effective: 0n });
  exec(file, argv);
}
