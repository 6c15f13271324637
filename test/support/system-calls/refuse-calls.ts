import { chmodSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { BASE_ADDRESS, elf64, HEADERS_SIZE } from '../../../src/init/trampoline/elf.ts';
import {
  assemble,
  type Instruction,
  jumpEqual,
  load,
  returns,
  SYSCALL_NUMBER,
} from '../../../src/seccomp/bpf.ts';
import { SECCOMP_RET_ERRNO } from '../../../src/syscalls/rights/seccomp-filter.ts';

/*
 * Makes a program that installs a seccomp filter and then executes its arguments. The filter
 * refuses some system calls, as an old kernel or a container around davit does. x86-64 only; needs
 * CAP_SYS_ADMIN.
 *
 *     node test/support/refuse-calls.ts FILE EPERM openat2 clone3 …    writes FILE
 *     FILE /usr/bin/env                                                runs a command under it
 */

/** System call numbers of x86-64: asm/unistd_64.h. */
export const NUMBERS = {
  accept4: 288,
  brk: 12,
  clone3: 435,
  close_range: 436,
  copy_file_range: 326,
  dup3: 292,
  execveat: 322,
  faccessat2: 439,
  fcntl: 72,
  fsconfig: 431,
  fsmount: 432,
  fsopen: 430,
  fspick: 433,
  getcwd: 79,
  io_uring_setup: 425,
  keyctl: 250,
  landlock_create_ruleset: 444,
  listmount: 458,
  memfd_create: 319,
  mount_setattr: 442,
  move_mount: 429,
  open_tree: 428,
  openat2: 437,
  pidfd_getfd: 438,
  pidfd_open: 434,
  pidfd_send_signal: 424,
  prlimit64: 302,
  recvfrom: 45,
  renameat2: 316,
  rt_sigprocmask: 14,
  sched_setaffinity: 203,
  sched_setattr: 314,
  setns: 308,
  statmount: 457,
  statx: 332,
} as const;

export type CallName = keyof typeof NUMBERS;

/** Refuses a call, or only calls whose argument with that index (its lower half) equals `value`. */
export interface RefusedCall {
  name: CallName;
  argument?: { index: number; value: number };
}

export type Errno = 'EPERM' | 'ENOSYS';

const ALLOW = returns(0x7fff0000);

function filterOf(calls: readonly RefusedCall[], errno: Errno): Buffer {
  const refuse = returns(SECCOMP_RET_ERRNO | constants.errno[errno]);
  const rules = calls.flatMap(({ name, argument }): Instruction[] => {
    if (!argument) return [jumpEqual(NUMBERS[name], 0, 1), refuse];
    // struct seccomp_data: six arguments of 64 bits from offset 16 on.
    return [
      jumpEqual(NUMBERS[name], 0, 4),
      load(16 + 8 * argument.index),
      jumpEqual(argument.value, 0, 1),
      refuse,
      load(SYSCALL_NUMBER),
    ];
  });
  return assemble([load(SYSCALL_NUMBER), ...rules, ALLOW]);
}

/** Writes the program to `path`. It runs the command in its arguments without the refused calls. */
export function writeRefuser(path: string, calls: readonly RefusedCall[], errno: Errno): string {
  // seccomp(SECCOMP_SET_MODE_FILTER, 0, fprog), execve(argv[1], &argv[1], envp), or exit(126):
  //     mov edi, 1; xor esi, esi; lea rdx, [fprog]; mov eax, 317; syscall; test eax, eax; jnz exit
  //     mov rcx, [rsp]; lea rsi, [rsp+16]; mov rdi, [rsi]; lea rdx, [rsp+rcx*8+16]; mov eax, 59; syscall
  //     exit: mov edi, 126; mov eax, 60; syscall
  const code = Buffer.from(
    'bf0100000031f6488d1532000000b83d0100000f0585c07518' +
      '488b0c24488d742410488b3e488d54cc10b83b0000000f05' +
      'bf7e000000b83c0000000f05',
    'hex',
  );
  const FPROG = 64;
  const program = filterOf(calls, errno);
  const fprog = Buffer.alloc(16);
  fprog.writeUInt16LE(program.length / 8, 0);
  fprog.writeBigUInt64LE(BigInt(BASE_ADDRESS + HEADERS_SIZE + FPROG + 16), 8);
  const head = Buffer.alloc(FPROG);
  code.copy(head);
  head.writeInt32LE(FPROG - 14, 10);
  writeFileSync(path, elf64('x64', head, fprog, program));
  chmodSync(path, 0o755);
  return path;
}

if (import.meta.main) {
  const [path, errno, ...names] = process.argv.slice(2) as [string, Errno, ...CallName[]];
  writeRefuser(
    path,
    names.map((name) => ({ name })),
    errno,
  );
}
