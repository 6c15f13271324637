import type { SeccompArch } from '../config/names/seccomp-archs.ts';
import { seccompName } from '../syscalls/ffi/libseccomp.ts';
import { archToken, X32_BIT } from './architecture.ts';

/** Architectures whose programs a machine of process.arch can run; its own comes first. */
export const NATIVE_ARCHITECTURES: Readonly<Record<string, readonly SeccompArch[]>> = {
  x64: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
  arm64: ['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'],
};

/** Beyond the highest number of any system call. */
const NUMBERS = 1024;

/** The names of all system calls of an architecture that libseccomp knows. */
export function syscallNames(arch: SeccompArch): string[] {
  const token = archToken(arch);
  const first = arch === 'SCMP_ARCH_X32' ? X32_BIT : 0;
  const numbers = Array.from({ length: NUMBERS }, (_, i) => first + i);
  return numbers.flatMap((number) => seccompName(token, number) ?? []);
}
