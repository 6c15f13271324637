import type { MachineArch } from './assembler.ts';

/** asm/unistd_64.h of x86, asm-generic/unistd.h for arm64. */
export const SYSCALL_NUMBERS = {
  accept4: { x64: 288, arm64: 242 },
  capset: { x64: 126, arm64: 91 },
  clone: { x64: 56, arm64: 220 },
  clone3: { x64: 435, arm64: 435 },
  close: { x64: 3, arm64: 57 },
  dup3: { x64: 292, arm64: 24 },
  execve: { x64: 59, arm64: 221 },
  execveat: { x64: 322, arm64: 281 },
  exit: { x64: 60, arm64: 93 },
  exit_group: { x64: 231, arm64: 94 },
  fchdir: { x64: 81, arm64: 50 },
  fcntl: { x64: 72, arm64: 25 },
  fsopen: { x64: 430, arm64: 430 },
  futex: { x64: 202, arm64: 98 },
  ioctl: { x64: 16, arm64: 29 },
  mmap: { x64: 9, arm64: 222 },
  openat: { x64: 257, arm64: 56 },
  prctl: { x64: 157, arm64: 167 },
  prlimit64: { x64: 302, arm64: 261 },
  read: { x64: 0, arm64: 63 },
  readlinkat: { x64: 267, arm64: 78 },
  recvfrom: { x64: 45, arm64: 207 },
  rt_sigaction: { x64: 13, arm64: 134 },
  rt_sigprocmask: { x64: 14, arm64: 135 },
  seccomp: { x64: 317, arm64: 277 },
  sendmsg: { x64: 46, arm64: 211 },
  sendto: { x64: 44, arm64: 206 },
  setsid: { x64: 112, arm64: 157 },
  wait4: { x64: 61, arm64: 260 },
  write: { x64: 1, arm64: 64 },
} satisfies Record<string, Record<MachineArch, number>>;

export type SyscallName = keyof typeof SYSCALL_NUMBERS;
