import { hostArch } from '../machine/assembler.ts';
import { SYSCALL_NUMBERS, type SyscallName } from '../machine/syscall-numbers.ts';
import { ACTIONS } from './action.ts';
import { archToken } from './architecture.ts';
import {
  AND,
  ARCHITECTURE,
  JUMP,
  JUMP_EQUAL,
  JUMP_GREATER,
  JUMP_GREATER_EQUAL,
  JUMP_SET,
  LOAD_WORD,
  RETURN,
  SYSCALL_NUMBER,
} from './bpf.ts';
import { NATIVE_ARCHITECTURES } from './syscall-names.ts';

// struct seccomp_data (linux/seccomp.h): number, architecture, instruction pointer, six arguments.
const DATA_SIZE = 64;
const ARGUMENTS = 16;
/** SECCOMP_RET_ACTION (linux/seccomp.h): the bits of a filter's answer that are the action. */
const ACTION = 0xffff0000;

/** Whether a filter (struct sock_filter[]) allows a system call. False where `run` cannot tell. */
export function allowsSyscall(
  program: Buffer,
  name: SyscallName,
  args: readonly number[],
): boolean {
  const data = new DataView(new ArrayBuffer(DATA_SIZE));
  data.setUint32(SYSCALL_NUMBER, SYSCALL_NUMBERS[name][hostArch()], true);
  data.setUint32(ARCHITECTURE, archToken(NATIVE_ARCHITECTURES[hostArch()]![0]!), true);
  for (const [i, arg] of args.entries()) data.setUint32(ARGUMENTS + 8 * i, arg, true);
  const action = ((run(program, data) ?? 0) & ACTION) >>> 0;
  return action === ACTIONS.SCMP_ACT_ALLOW || action === ACTIONS.SCMP_ACT_LOG;
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
      case LOAD_WORD:
        if (k > DATA_SIZE - 4) return undefined;
        accumulator = data.getUint32(k, true);
        break;
      case AND:
        accumulator = (accumulator & k) >>> 0;
        break;
      case JUMP:
        at += 8 * k;
        break;
      case JUMP_EQUAL:
        jump(accumulator === k);
        break;
      case JUMP_GREATER:
        jump(accumulator > k);
        break;
      case JUMP_GREATER_EQUAL:
        jump(accumulator >= k);
        break;
      case JUMP_SET:
        jump((accumulator & k) !== 0);
        break;
      case RETURN:
        return k;
      default:
        return undefined;
    }
  }
  return undefined;
}
