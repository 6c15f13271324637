import { hostArch } from '../machine/assembler.ts';
import { SYSCALL_NUMBERS, type SyscallName } from '../machine/syscall-numbers.ts';

/** AUDIT_ARCH_* (linux/audit.h) of this machine's system calls. */
const AUDIT_ARCH = { x64: 0xc000003e, arm64: 0xc00000b7 };
// struct seccomp_data (linux/seccomp.h): number, architecture, instruction pointer, six arguments.
const DATA_SIZE = 64;
const ARGUMENTS = 16;
// linux/seccomp.h
const ACTION = 0xffff0000;
const SECCOMP_RET_LOG = 0x7ffc0000;
const SECCOMP_RET_ALLOW = 0x7fff0000;

/** Whether a filter (struct sock_filter[]) allows a system call. False where `run` cannot tell. */
export function allowsSyscall(
  program: Buffer,
  name: SyscallName,
  args: readonly number[],
): boolean {
  const data = new DataView(new ArrayBuffer(DATA_SIZE));
  data.setUint32(0, SYSCALL_NUMBERS[name][hostArch()], true);
  data.setUint32(4, AUDIT_ARCH[hostArch()], true);
  for (const [i, arg] of args.entries()) data.setUint32(ARGUMENTS + 8 * i, arg, true);
  const action = ((run(program, data) ?? 0) & ACTION) >>> 0;
  return action === SECCOMP_RET_ALLOW || action === SECCOMP_RET_LOG;
}

/**
 * Runs the instructions of classic BPF (linux/bpf_common.h) that libseccomp and davit emit;
 * `undefined` at any other.
 */
function run(program: Buffer, data: DataView): number | undefined {
  let accumulator = 0;
  for (let at = 0; at < program.length; ) {
    const code = program.readUInt16LE(at);
    const [whenTrue, whenFalse] = [program.readUInt8(at + 2), program.readUInt8(at + 3)];
    const k = program.readUInt32LE(at + 4);
    at += 8;
    const jump = (condition: boolean) => {
      at += 8 * (condition ? whenTrue : whenFalse);
    };
    switch (code) {
      case 0x20: // BPF_LD | BPF_W | BPF_ABS
        if (k > DATA_SIZE - 4) return undefined;
        accumulator = data.getUint32(k, true);
        break;
      case 0x54: // BPF_ALU | BPF_AND | BPF_K
        accumulator = (accumulator & k) >>> 0;
        break;
      case 0x05: // BPF_JMP | BPF_JA
        at += 8 * k;
        break;
      case 0x15: // BPF_JMP | BPF_JEQ | BPF_K
        jump(accumulator === k);
        break;
      case 0x25: // BPF_JMP | BPF_JGT | BPF_K
        jump(accumulator > k);
        break;
      case 0x35: // BPF_JMP | BPF_JGE | BPF_K
        jump(accumulator >= k);
        break;
      case 0x45: // BPF_JMP | BPF_JSET | BPF_K
        jump((accumulator & k) !== 0);
        break;
      case 0x06: // BPF_RET | BPF_K
        return k;
      default:
        return undefined;
    }
  }
  return undefined;
}
