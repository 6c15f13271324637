import { archToken } from '../../../src/seccomp/architecture.ts';
import { seccompName } from '../../../src/syscalls/ffi/libseccomp.ts';

const token = archToken(process.arch === 'arm64' ? 'SCMP_ARCH_AARCH64' : 'SCMP_ARCH_X86_64');
/** Beyond the highest number of any system call. */
const NUMBERS = 1024;

let names: Map<string, number> | undefined;

/** A system call's name, by number. */
export const nameOf = (nr: number): string => seccompName(token, nr) ?? `call ${nr}`;

/** -1 where the machine's architecture has none of the name. */
export function numberOf(name: string): number {
  names ??= new Map(
    Array.from({ length: NUMBERS }, (_, nr) => [seccompName(token, nr) ?? '', nr] as const),
  );
  return names.get(name) ?? -1;
}
