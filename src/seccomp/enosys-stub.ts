import { SECCOMP_RET_ERRNO } from '../syscalls/rights/seccomp-filter.ts';
import {
  AUDIT_ARCH_S390,
  AUDIT_ARCH_S390X,
  AUDIT_ARCH_X86_64,
  auditArch,
  SCMP_ARCH_X32,
  X32_BIT,
} from './architecture.ts';
import {
  ARCHITECTURE,
  type Instruction,
  jump,
  jumpEqual,
  jumpGreater,
  jumpSet,
  load,
  returns,
  SYSCALL_NUMBER,
} from './bpf.ts';

const ENOSYS = 38;
const RETURN_ENOSYS = returns(SECCOMP_RET_ERRNO | ENOSYS);

/** The highest call number that a profile names, by libseccomp's architecture token. */
type LastSyscalls = ReadonlyMap<number, number>;

/**
 * The instructions before a filter that refuses by default: a call newer than any that the profile
 * names gets ENOSYS, so that libc falls back to an older call as on an old kernel. For other calls
 * the filter runs.
 */
export function enosysStub(last: LastSyscalls): Instruction[] {
  let stub: Instruction[] = [];
  for (const [arch, tokens] of byAuditArch(last)) {
    const body = section(arch, tokens);
    // Another architecture: jump to the next section. Not too new: jump to the filter, past all.
    stub = [jumpEqual(arch, 0, body.length + 1), ...body, jump(stub.length), ...stub];
  }
  return [load(ARCHITECTURE), ...stub];
}

function byAuditArch(last: LastSyscalls): Map<number, Map<number, number>> {
  const arches = new Map<number, Map<number, number>>();
  for (const [token, number] of last) {
    const arch = auditArch(token);
    arches.set(arch, (arches.get(arch) ?? new Map()).set(token, number));
  }
  return arches;
}

/** The stub for one architecture: returns ENOSYS, or runs on past its last instruction. */
function section(arch: number, tokens: ReadonlyMap<number, number>): Instruction[] {
  if (arch !== AUDIT_ARCH_X86_64) {
    // On s390 the kernel changes a number that it does not know to 0, setup(2).
    const multiplexed = arch === AUDIT_ARCH_S390 || arch === AUDIT_ARCH_S390X;
    const setup = multiplexed ? [jumpEqual(0, 0, 1), RETURN_ENOSYS] : [];
    return [load(SYSCALL_NUMBER), ...setup, ...above(tokens.get(arch))];
  }
  const x86 = above(tokens.get(AUDIT_ARCH_X86_64));
  const x32 = above(tokens.get(SCMP_ARCH_X32));
  return [
    load(SYSCALL_NUMBER),
    jumpSet(X32_BIT, x86.length + 1, 0),
    ...x86,
    jump(x32.length),
    ...x32,
  ];
}

function above(number: number | undefined): Instruction[] {
  return number === undefined ? [] : [jumpGreater(number, 0, 1), RETURN_ENOSYS];
}
