/*
 * Two processes, one thread of JavaScript. init shares the memory of the runtime, its stack as well,
 * and only one of the two runs at a time: whoever has the turn. The other waits in here, in a system
 * call that touches no stack, until it goes on where the thread has got to meanwhile.
 *
 *     clone(state, args, size)     the runtime forks; the call returns in init
 *     toRuntime(state)             init waits; returns in the runtime
 *     toInit(state)                the runtime waits; returns in init, or 0 when there is no init any more
 *     exec(state, fd, argv, envp, "")   init becomes a program; returns 0 in the runtime, or -errno in init
 *
 * The runtime waits for `turn` (futex(2)), which the kernel clears when init executes a program or
 * ends (CLONE_CHILD_CLEARTID), at most TIMEOUT at a time: a seccomp filter may keep init from waking
 * it. init waits for a byte on its socket, which ends with the runtime. An init that ends in its own
 * turn takes the thread with it, in the middle of whatever it did: then the runtime executes the
 * program at LOST, or says the words at LAST_WORDS and ends.
 */

/** Bytes of the state that both share, and where in it is what. 32-bit integers but where said. */
export const STATE_SIZE = 256;
/** 1: init's turn, 2: the runtime's, 0: init has left. */
export const TURN = 0;
// 4: 1 while init runs JavaScript.
// 8: the stack pointer of whoever gave the turn away.
export const RUNTIME_SOCKET = 16;
export const INIT_SOCKET = 20;
/** clone3(2) writes init's pid and pidfd here. */
export const PID = 28;
/** execve(2)'s arguments: three addresses. */
export const LOST = 32;
// 56: an empty signal mask.
/** An address and a length. */
export const LAST_WORDS = 64;
/** struct timespec. */
export const TIMEOUT = 80;
export const PIDFD = 96;
export const CLONE_ARGS = 128;

/** Where the functions begin. */
export const ENTRIES = { clone: 0x00, toInit: 0x38, toRuntime: 0xc9, exec: 0x131 } as const;

/** Registers: rbx the state. */
export const INSTRUCTIONS: readonly (readonly [encoding: string, mnemonic: string])[] = [
  // 00 clone: save registers
  ['53', 'push rbx'],
  ['55', 'push rbp'],
  ['41 54', 'push r12'],
  ['41 55', 'push r13'],
  ['41 56', 'push r14'],
  ['41 57', 'push r15'],
  ['48 89 fb', 'mov rbx, rdi'],
  ['48 89 63 08', 'mov [rbx+0x8], rsp'],
  ['c7 03 01 00 00 00', 'mov [rbx], 0x1'],
  ['c7 43 04 00 00 00 00', 'mov [rbx+0x4], 0x0'],
  ['48 89 f7', 'mov rdi, rsi'],
  ['48 89 d6', 'mov rsi, rdx'],
  ['b8 b3 01 00 00', 'mov eax, 0x1b3'],
  ['0f 05', 'syscall'],
  ['48 85 c0', 'test rax, rax'],
  ['0f 84 83 00 00 00', 'je 0xb7'],
  ['79 42', 'jns 0x78'],
  ['eb 74', 'jmp 0xac'],
  // 38 toInit
  ['53', 'push rbx'],
  ['55', 'push rbp'],
  ['41 54', 'push r12'],
  ['41 55', 'push r13'],
  ['41 56', 'push r14'],
  ['41 57', 'push r15'],
  ['48 89 fb', 'mov rbx, rdi'],
  ['48 89 63 08', 'mov [rbx+0x8], rsp'],
  ['b8 02 00 00 00', 'mov eax, 0x2'],
  ['b9 01 00 00 00', 'mov ecx, 0x1'],
  ['f0 0f b1 0b', 'lock cmpxchg [rbx], ecx'],
  ['75 51', 'jne 0xaa'],
  ['8b 7b 10', 'mov edi, [rbx+0x10]'],
  ['48 8d 73 18', 'lea rsi, [rbx+0x18]'],
  ['ba 01 00 00 00', 'mov edx, 0x1'],
  ['41 ba 00 40 00 00', 'mov r10d, 0x4000'],
  ['45 31 c0', 'xor r8d, r8d'],
  ['45 31 c9', 'xor r9d, r9d'],
  ['b8 2c 00 00 00', 'mov eax, 0x2c'],
  ['0f 05', 'syscall'],
  // 78 await init, without the stack, which is init's meanwhile
  ['8b 03', 'mov eax, [rbx]'],
  ['83 f8 01', 'cmp eax, 0x1'],
  ['75 17', 'jne 0x96'],
  ['48 89 df', 'mov rdi, rbx'],
  ['31 f6', 'xor esi, esi'],
  ['ba 01 00 00 00', 'mov edx, 0x1'],
  ['4c 8d 53 50', 'lea r10, [rbx+0x50]'],
  ['b8 ca 00 00 00', 'mov eax, 0xca'],
  ['0f 05', 'syscall'],
  ['eb e2', 'jmp 0x78'],
  // 96 back in the runtime: init gave the turn back, or it has left
  ['85 c0', 'test eax, eax'],
  ['75 0a', 'jne 0xa4'],
  ['83 7b 04 01', 'cmp [rbx+0x4], 0x1'],
  ['0f 84 c6 00 00 00', 'je 0x16a'],
  // a4 go on where the stack was left
  ['48 8b 63 08', 'mov rsp, [rbx+0x8]'],
  ['eb 02', 'jmp 0xac'],
  // aa init was gone before it took its turn
  ['31 c0', 'xor eax, eax'],
  // ac restore registers
  ['41 5f', 'pop r15'],
  ['41 5e', 'pop r14'],
  ['41 5d', 'pop r13'],
  ['41 5c', 'pop r12'],
  ['5d', 'pop rbp'],
  ['5b', 'pop rbx'],
  ['c3', 'ret'],
  // b7 back in init
  ['c7 43 04 01 00 00 00', 'mov [rbx+0x4], 0x1'],
  ['48 8b 63 08', 'mov rsp, [rbx+0x8]'],
  ['b8 01 00 00 00', 'mov eax, 0x1'],
  ['eb e3', 'jmp 0xac'],
  // c9 toRuntime
  ['53', 'push rbx'],
  ['55', 'push rbp'],
  ['41 54', 'push r12'],
  ['41 55', 'push r13'],
  ['41 56', 'push r14'],
  ['41 57', 'push r15'],
  ['48 89 fb', 'mov rbx, rdi'],
  ['48 89 63 08', 'mov [rbx+0x8], rsp'],
  ['c7 43 04 00 00 00 00', 'mov [rbx+0x4], 0x0'],
  ['c7 03 02 00 00 00', 'mov [rbx], 0x2'],
  ['48 89 df', 'mov rdi, rbx'],
  ['be 01 00 00 00', 'mov esi, 0x1'],
  ['ba 01 00 00 00', 'mov edx, 0x1'],
  ['b8 ca 00 00 00', 'mov eax, 0xca'],
  ['0f 05', 'syscall'],
  // fb await the runtime; the end of the connection is the end of init
  ['8b 7b 14', 'mov edi, [rbx+0x14]'],
  ['48 8d 73 19', 'lea rsi, [rbx+0x19]'],
  ['ba 01 00 00 00', 'mov edx, 0x1'],
  ['45 31 d2', 'xor r10d, r10d'],
  ['45 31 c0', 'xor r8d, r8d'],
  ['45 31 c9', 'xor r9d, r9d'],
  ['b8 2d 00 00 00', 'mov eax, 0x2d'],
  ['0f 05', 'syscall'],
  ['48 83 f8 fc', 'cmp rax, 0xfffffffffffffffc'],
  ['74 de', 'je 0xfb'],
  ['48 83 f8 01', 'cmp rax, 0x1'],
  ['74 94', 'je 0xb7'],
  ['bf 01 00 00 00', 'mov edi, 0x1'],
  ['b8 e7 00 00 00', 'mov eax, 0xe7'],
  ['0f 05', 'syscall'],
  ['0f 0b', 'ud2'],
  // 131 exec
  ['53', 'push rbx'],
  ['55', 'push rbp'],
  ['41 54', 'push r12'],
  ['41 55', 'push r13'],
  ['41 56', 'push r14'],
  ['41 57', 'push r15'],
  ['48 89 fb', 'mov rbx, rdi'],
  ['48 89 63 08', 'mov [rbx+0x8], rsp'],
  ['c7 43 04 00 00 00 00', 'mov [rbx+0x4], 0x0'],
  ['89 f7', 'mov edi, esi'],
  ['4c 89 c6', 'mov rsi, r8'],
  ['49 89 ca', 'mov r10, rcx'],
  ['41 b8 00 10 00 00', 'mov r8d, 0x1000'],
  ['b8 42 01 00 00', 'mov eax, 0x142'],
  ['0f 05', 'syscall'],
  ['c7 43 04 01 00 00 00', 'mov [rbx+0x4], 0x1'],
  ['e9 42 ff ff ff', 'jmp 0xac'],
  // 16a init ended in its turn: what JavaScript was in the middle of is lost
  ['bf 02 00 00 00', 'mov edi, 0x2'],
  ['48 8d 73 38', 'lea rsi, [rbx+0x38]'],
  ['31 d2', 'xor edx, edx'],
  ['41 ba 08 00 00 00', 'mov r10d, 0x8'],
  ['b8 0e 00 00 00', 'mov eax, 0xe'],
  ['0f 05', 'syscall'],
  ['48 8b 7b 20', 'mov rdi, [rbx+0x20]'],
  ['48 8b 73 28', 'mov rsi, [rbx+0x28]'],
  ['48 8b 53 30', 'mov rdx, [rbx+0x30]'],
  ['b8 3b 00 00 00', 'mov eax, 0x3b'],
  ['0f 05', 'syscall'],
  ['bf 02 00 00 00', 'mov edi, 0x2'],
  ['48 8b 73 40', 'mov rsi, [rbx+0x40]'],
  ['48 8b 53 48', 'mov rdx, [rbx+0x48]'],
  ['b8 01 00 00 00', 'mov eax, 0x1'],
  ['0f 05', 'syscall'],
  ['bf 01 00 00 00', 'mov edi, 0x1'],
  ['b8 e7 00 00 00', 'mov eax, 0xe7'],
  ['0f 05', 'syscall'],
  ['0f 0b', 'ud2'],
];

/** The functions as one piece of position-independent code for x86-64. */
export const switchCode = (): Buffer =>
  Buffer.from(
    INSTRUCTIONS.map(([encoding]) => encoding)
      .join('')
      .replaceAll(' ', ''),
    'hex',
  );
