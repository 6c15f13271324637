import type { SeccompArch } from '../config/names/seccomp-archs.ts';

// linux/audit.h: an ELF machine number and these two.
const BITS_64 = 0x80000000;
const LITTLE_ENDIAN = 0x40000000;
const MIPS64_CONVENTION_N32 = 0x20000000;

/** AUDIT_ARCH_X86_64, which x32 shares: calls of x32 have bit 30 of their number set. */
export const AUDIT_ARCH_X86_64 = 62 + BITS_64 + LITTLE_ENDIAN;
/** libseccomp's own token for x32 (seccomp.h). */
export const SCMP_ARCH_X32 = 62 + LITTLE_ENDIAN;
export const AUDIT_ARCH_S390 = 22;
export const AUDIT_ARCH_S390X = 22 + BITS_64;

/** libseccomp's tokens: AUDIT_ARCH_* except for x32. */
const TOKENS: Record<SeccompArch, number> = {
  SCMP_ARCH_AARCH64: 183 + BITS_64 + LITTLE_ENDIAN,
  SCMP_ARCH_ARM: 40 + LITTLE_ENDIAN,
  SCMP_ARCH_LOONGARCH64: 258 + BITS_64 + LITTLE_ENDIAN,
  SCMP_ARCH_M68K: 4,
  SCMP_ARCH_MIPS: 8,
  SCMP_ARCH_MIPS64: 8 + BITS_64,
  SCMP_ARCH_MIPS64N32: 8 + BITS_64 + MIPS64_CONVENTION_N32,
  SCMP_ARCH_MIPSEL: 8 + LITTLE_ENDIAN,
  SCMP_ARCH_MIPSEL64: 8 + BITS_64 + LITTLE_ENDIAN,
  SCMP_ARCH_MIPSEL64N32: 8 + BITS_64 + LITTLE_ENDIAN + MIPS64_CONVENTION_N32,
  SCMP_ARCH_PARISC: 15,
  SCMP_ARCH_PARISC64: 15 + BITS_64,
  SCMP_ARCH_PPC: 20,
  SCMP_ARCH_PPC64: 21 + BITS_64,
  SCMP_ARCH_PPC64LE: 21 + BITS_64 + LITTLE_ENDIAN,
  SCMP_ARCH_RISCV64: 243 + BITS_64 + LITTLE_ENDIAN,
  SCMP_ARCH_S390: AUDIT_ARCH_S390,
  SCMP_ARCH_S390X: AUDIT_ARCH_S390X,
  SCMP_ARCH_SH: 42 + LITTLE_ENDIAN,
  SCMP_ARCH_SHEB: 42,
  SCMP_ARCH_X32,
  SCMP_ARCH_X86: 3 + LITTLE_ENDIAN,
  SCMP_ARCH_X86_64: AUDIT_ARCH_X86_64,
};

/** libseccomp's token of an architecture. Throws for a name it does not have. */
export function archToken(name: SeccompArch): number {
  const token = TOKENS[name];
  if (token === undefined) throw new Error(`string ${name} is not a valid arch for seccomp`);
  return token;
}

/** What seccomp_data.arch is for a token. */
export const auditArch = (token: number): number =>
  token === SCMP_ARCH_X32 ? AUDIT_ARCH_X86_64 : token;

/** Set in the number of every x32 call (asm/unistd.h). */
export const X32_BIT = 0x40000000;

/** The architecture of a call, from seccomp_data's AUDIT_ARCH_* and number. */
export function archOfCall(audit: number, number: number): SeccompArch | undefined {
  const x32 = audit === AUDIT_ARCH_X86_64 && (number & X32_BIT) !== 0;
  const token = x32 ? SCMP_ARCH_X32 : audit;
  return (Object.keys(TOKENS) as SeccompArch[]).find((name) => TOKENS[name] === token);
}
