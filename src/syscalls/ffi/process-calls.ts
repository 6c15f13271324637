import type { SyscallName } from '../../machine/syscall-numbers.ts';

/** A system call that changes the process that makes it. */
export interface ProcessCall {
  syscall: SyscallName;
  /** In the order of the kernel's registers. A string is passed as a C string, null as 0. */
  arguments: readonly (number | string | Uint8Array | null | { readonly fd: number })[];
}

let recorded: ProcessCall[] | undefined;

/**
 * Runs `action`, and adds to `calls` those of its system calls that change the process. Another
 * process, which began with the same attributes, comes to the same ones by making these calls.
 */
export function recordProcessCalls(calls: ProcessCall[], action: () => void): void {
  const outer = recorded;
  recorded = calls;
  try {
    action();
  } finally {
    recorded = outer;
  }
}

/** To be called once such a call has succeeded. Does nothing where nobody records. */
export function noteProcessCall(call: () => ProcessCall | undefined): void {
  if (!recorded) return;
  const made = call();
  if (made) recorded.push(made);
}
