import { writeSync } from 'node:fs';
import { memfdCreateExecutable } from '../../syscalls/files/memfd.ts';
import { capget, capset } from '../../syscalls/rights/capabilities.ts';
import { type ExecFd, execFd } from '../../syscalls/task/exec.ts';
import { finishTrampolineFile } from './trampoline-file.ts';
import { TRAMPOLINE_NAME } from './trampoline-name.ts';

/**
 * Executes the trampoline: the image, in a file that can never change again, so that
 * /proc/self/exe leads neither to Node nor to a writable file. `exec` returns only by throwing,
 * unless init shares its memory.
 */
export function execTrampoline(
  image: Uint8Array,
  argv: readonly string[] = TRAMPOLINE_NAME,
  file = memfdCreateExecutable('davit'),
  exec: ExecFd = execFd,
  procfs = -1,
): void {
  const program = writeTrampoline(image, file, procfs);
  // With CAP_DAC_OVERRIDE the file is readable, and the trampoline would be dumpable. execve(2)
  // computes the effective set anew.
  capset({ ...capget(), effective: 0n });
  exec(program, argv);
}

/** Writes the image to the file, which can never change again. Returns an fd to execute it by. */
export function writeTrampoline(image: Uint8Array, file: number, procfs: number): number {
  for (let written = 0; written < image.length; ) written += writeSync(file, image, written);
  return finishTrampolineFile(file, procfs);
}
