import { archToken } from '../../../src/seccomp/architecture.ts';
import { seccompName } from '../../../src/syscalls/ffi/libseccomp.ts';

const token = archToken(process.arch === 'arm64' ? 'SCMP_ARCH_AARCH64' : 'SCMP_ARCH_X86_64');
/** A number that no system call reaches. */
const NUMBERS = 1024;

let names: Map<string, number> | undefined;

/** Returns a system call's name. */
export const nameOf = (nr: number): string => seccompName(token, nr) ?? `call ${nr}`;

/** Returns -1 if the architecture has no such call. */
export function numberOf(name: string): number {
  names ??= new Map(
    Array.from({ length: NUMBERS }, (_, nr) => [seccompName(token, nr) ?? '', nr] as const),
  );
  return names.get(name) ?? -1;
}
