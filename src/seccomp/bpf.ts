// Classic BPF of a seccomp filter: struct sock_filter (linux/filter.h), codes of
// linux/bpf_common.h.
export const LOAD_WORD = 0x20; // BPF_LD | BPF_W | BPF_ABS
export const AND = 0x54; // BPF_ALU | BPF_AND | BPF_K
export const JUMP = 0x05; // BPF_JMP | BPF_JA
export const JUMP_EQUAL = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
export const JUMP_GREATER = 0x25; // BPF_JMP | BPF_JGT | BPF_K
export const JUMP_GREATER_EQUAL = 0x35; // BPF_JMP | BPF_JGE | BPF_K
export const JUMP_SET = 0x45; // BPF_JMP | BPF_JSET | BPF_K
export const RETURN = 0x06; // BPF_RET | BPF_K

/** One instruction; `jt` and `jf` are how many to skip when the condition holds and when not. */
export interface Instruction {
  code: number;
  k: number;
  jt: number;
  jf: number;
}

const conditional =
  (code: number) =>
  (k: number, jt: number, jf: number): Instruction => ({ code, k, jt, jf });

/** Loads a word of struct seccomp_data (linux/seccomp.h). */
export const load = (offset: number): Instruction => ({ code: LOAD_WORD, k: offset, jt: 0, jf: 0 });
/** Offsets in struct seccomp_data. */
export const SYSCALL_NUMBER = 0;
export const ARCHITECTURE = 4;

export const jump = (skip: number): Instruction => ({ code: JUMP, k: skip, jt: 0, jf: 0 });
export const jumpEqual = conditional(JUMP_EQUAL);
export const jumpGreater = conditional(JUMP_GREATER);
export const jumpSet = conditional(JUMP_SET);
export const returns = (value: number): Instruction => ({ code: RETURN, k: value, jt: 0, jf: 0 });

/** The kernel's form, 8 bytes an instruction. */
export function assemble(instructions: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(8 * instructions.length);
  instructions.forEach(({ code, jt, jf, k }, i) => {
    bytes.writeUInt16LE(code, 8 * i);
    bytes.writeUInt8(jt, 8 * i + 2);
    bytes.writeUInt8(jf, 8 * i + 3);
    bytes.writeUInt32LE(k >>> 0, 8 * i + 4);
  });
  return bytes;
}
