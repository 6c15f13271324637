// linux/filter.h, linux/seccomp.h
const BPF_LD_W_ABS = 0x20;
const BPF_JMP_JEQ_K = 0x15;
const BPF_RET_K = 0x06;
const SECCOMP_RET_USER_NOTIF = 0x7fc00000;
const SECCOMP_RET_ALLOW = 0x7fff0000;

/**
 * Makes a struct sock_filter[] that sends the given system calls to the listener; all calls by
 * default.
 */
export function notifyFilter(numbers?: readonly number[]): Buffer {
  if (!numbers) return Buffer.concat([instruction(BPF_RET_K, SECCOMP_RET_USER_NOTIF)]);
  return Buffer.concat([
    // seccomp_data.nr
    instruction(BPF_LD_W_ABS, 0),
    ...numbers.map((nr, i) => instruction(BPF_JMP_JEQ_K, nr, numbers.length - i)),
    instruction(BPF_RET_K, SECCOMP_RET_ALLOW),
    instruction(BPF_RET_K, SECCOMP_RET_USER_NOTIF),
  ]);
}

function instruction(code: number, k: number, jumpIfTrue = 0): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt8(jumpIfTrue, 2);
  bytes.writeUInt32LE(k, 4);
  return bytes;
}
