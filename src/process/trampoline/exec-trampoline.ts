import { writeSync } from 'node:fs';
import { execFd } from '../../syscalls/exec.ts';
import { memfdCreateExecutable, sealForEver } from '../../syscalls/memfd.ts';
import { TRAMPOLINE_NAME } from './trampoline-name.ts';

/**
 * Becomes the trampoline: the image in a sealed memfd, so that what /proc/self/exe leads to is
 * neither Node nor anything that can be written. Returns only by throwing.
 */
export function execTrampoline(
  image: Uint8Array,
  argv: readonly string[] = TRAMPOLINE_NAME,
): never {
  const fd = memfdCreateExecutable('davit');
  for (let written = 0; written < image.length; ) written += writeSync(fd, image, written);
  sealForEver(fd);
  execFd(fd, argv, []);
}
