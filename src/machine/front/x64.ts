import type { WithListing } from '../assembler.ts';
import * as constants from '../constants.ts';
import {
  at,
  behind,
  cl,
  dl,
  eax,
  ebx,
  ecx,
  edi,
  edx,
  esi,
  r8d,
  r9d,
  r10,
  r10d,
  r12,
  r13,
  r14,
  r15,
  rax,
  rbp,
  rbx,
  rcx,
  rdi,
  rdx,
  rsi,
  rsp,
  X64,
} from '../x64.ts';
import * as data from './data.ts';
import { askServer } from './door-x64.ts';

const { FRAME, LIMITS, BUFFERS } = data;
const SLASH = '/'.charCodeAt(0);
const ZERO = '0'.charCodeAt(0);

/**
 * Registers: r12 argc, argv and envp as the kernel put them; r13 the frame; rbx the end of the
 * front's directory within the path of Node.
 */
export function frontX64(settings: data.FrontSettings): data.FrontProgram & WithListing {
  const a = new X64();
  a.mov(r12, rsp);
  a.sub(rsp, FRAME.size(settings));
  a.mov(r13, rsp);
  checkLimits(a);
  askServer(a, settings);
  tryThreads(a);
  a.sub(rsp, BUFFERS.size);
  findLoader(a);
  moveVariables(a, settings);
  addArguments(a, settings);
  executeNode(a);
  sayAndEnd(a);
  putSubroutines(a);
  data.putData(a, 'x64', settings);
  return a.finish();
}

function checkLimits(a: X64): void {
  for (const { name, number, hard, minimum, unit } of LIMITS) {
    a.xor(edi, edi);
    a.mov(esi, number);
    a.xor(edx, edx);
    a.lea(r10, at(r13, FRAME.limit.soft));
    a.syscall('prlimit64');
    a.lea(rsi, behind('noLimits'));
    a.test(rax, rax);
    a.js('say');
    a.mov(rax, at(r13, hard ? FRAME.limit.hard : FRAME.limit.soft));
    if (unit === ' KiB') a.shr(rax, 10);
    a.lea(rsi, behind(name));
    a.cmp(rax, minimum);
    a.jb('sayNumber');
  }
}

function tryThreads(a: X64): void {
  a.xor(edi, edi);
  a.xor(esi, esi);
  a.syscall('clone3');
  a.cmp(rax, -constants.EINVAL);
  a.je('threads');
  a.lea(rsi, behind('noClone3'));
  a.cmp(rax, -constants.ENOSYS);
  a.jne('say');

  // All threads run this loop and share the stack: they use it only to say that clone(2) failed.
  a.label('threads');
  a.mov(ebx, 2);
  a.label('thread');
  a.mov(edi, data.THREAD);
  a.xor(esi, esi);
  a.lea(rdx, at(r13, FRAME.thread));
  a.lea(r10, at(r13, FRAME.thread));
  a.syscall('clone');
  a.lea(rsi, behind('noThread'));
  a.test(rax, rax);
  a.js('say');
  a.jne('made');
  a.dec(ebx);
  a.jne('thread');
  a.label('end');
  a.xor(edi, edi);
  a.syscall('exit');
  a.ud2();

  // Only the first process still has 2. It waits until the thread that wrote its id last has ended.
  a.label('made');
  a.cmp(ebx, 2);
  a.jne('end');
  a.label('wait');
  a.mov(edx, at(r13, FRAME.thread));
  a.test(edx, edx);
  a.je('ready');
  a.lea(rdi, at(r13, FRAME.thread));
  a.mov(esi, constants.FUTEX_WAIT);
  a.xor(r10d, r10d);
  a.syscall('futex');
  a.jmp('wait');
  a.label('ready');
}

function findLoader(a: X64): void {
  a.mov(edi, constants.AT_FDCWD);
  a.lea(rsi, behind('self'));
  a.lea(rdx, at(rsp, BUFFERS.node));
  a.mov(r10d, data.PATH_SIZE);
  a.syscall('readlinkat');
  a.lea(rsi, behind('noSelf'));
  a.cmp(rax, data.PATH_SIZE);
  a.jae('say');

  // Cuts the path behind its last slash. A slash before the path ends the search in any case.
  a.movByte(at(rsp, BUFFERS.node - 1), SLASH);
  a.lea(rbx, at(rsp, BUFFERS.node));
  a.add(rbx, rax);
  a.label('back');
  a.sub(rbx, 1);
  a.cmpByte(at(rbx), SLASH);
  a.jne('back');
  a.add(rbx, 1);
  a.movByte(at(rbx), 0);

  a.lea(rdi, at(rsp, BUFFERS.loader));
  a.lea(rsi, at(rsp, BUFFERS.node));
  a.call('append');
  a.lea(rsi, behind('loader'));
  a.call('append');
  a.mov(edi, constants.AT_FDCWD);
  a.lea(rsi, at(rsp, BUFFERS.loader));
  a.xor(edx, edx);
  a.syscall('openat');
  a.lea(rsi, behind('noLoader'));
  a.lea(r14, at(rsp, BUFFERS.loader));
  a.test(rax, rax);
  a.js('sayPath');
  a.mov(edi, eax);
  a.syscall('close');
}

/** Registers: r14 the variable that is read, r15 where it is written, rbp its text. */
function moveVariables(a: X64, { prefix }: data.FrontSettings): void {
  a.mov(rax, at(r12));
  a.shl(rax, 3);
  a.lea(r14, at(r12, 16));
  a.add(r14, rax);
  a.mov(at(r13, FRAME.envp), r14);
  a.mov(r15, r14);

  a.label('variable');
  a.mov(rbp, at(r14));
  a.add(r14, 8);
  a.test(rbp, rbp);
  a.je('variables read');
  a.lea(rdi, behind('names'));
  a.label('name');
  a.mov(rsi, rbp);
  a.call('begins');
  a.test(eax, eax);
  a.je('named');
  a.cmpByte(at(rdi), 0);
  a.jne('name');
  a.mov(at(r15), rbp);
  a.add(r15, 8);
  a.jmp('variable');

  a.label('named');
  a.lea(rax, behind('moved'));
  a.cmp(rdi, rax);
  a.je('variable');
  a.mov(rdi, rbp);
  a.call('skip');
  a.mov(rsi, rdi);
  a.sub(rsi, rbp);
  a.add(rsi, prefix.length);
  a.xor(edi, edi);
  a.mov(edx, data.PROT_READ_WRITE);
  a.mov(r10d, data.MAP_PRIVATE_ANONYMOUS);
  a.xor(r8d, r8d);
  a.xor(r9d, r9d);
  a.syscall('mmap');
  a.lea(rsi, behind('noMemory'));
  a.test(rax, rax);
  a.js('say');
  a.mov(at(r15), rax);
  a.add(r15, 8);
  a.mov(rdi, rax);
  a.lea(rsi, behind('prefix'));
  a.call('append');
  a.mov(rsi, rbp);
  a.call('append');
  a.jmp('variable');
  addNofile(a);
}

/** Adds the soft RLIMIT_NOFILE. Registers: r15 the end of the variables. */
function addNofile(a: X64): void {
  a.label('variables read');
  a.lea(rdi, at(r13, FRAME.nofile));
  a.mov(at(r15), rdi);
  a.xor(eax, eax);
  a.mov(at(r15, 8), rax);
  a.lea(rsi, behind('names'));
  a.call('append');
  a.lea(rsi, behind('unlimited'));
  a.mov(rax, at(r13, FRAME.limit.soft));
  a.cmp(rax, -1);
  a.jne('limited');
  a.call('append');
  a.jmp('nofile told');
  a.label('limited');
  a.call('number');
  a.movByte(at(rdi), 0);
  a.label('nofile told');
}

/** Registers: r14 argv. */
function addArguments(a: X64, { flags }: data.FrontSettings): void {
  // Node, flags and loader take the place of argv[0]. Without argv[0] they go before argv's NULL.
  a.lea(r14, at(r12, 16));
  a.lea(rcx, at(r12, 8));
  a.xor(eax, eax);
  a.cmp(at(r12), rax);
  a.cmove(r14, rcx);
  a.sub(r14, 8 * (flags.length + 2));

  a.lea(rcx, at(rsp, BUFFERS.node));
  a.mov(at(r14), rcx);
  a.lea(rdx, at(r14, 8));
  a.lea(rdi, behind('flags'));
  a.label('flag');
  a.mov(at(rdx), rdi);
  a.add(rdx, 8);
  a.call('skip');
  a.cmpByte(at(rdi), 0);
  a.jne('flag');
  a.lea(rcx, at(rsp, BUFFERS.loader));
  a.mov(at(rdx), rcx);
}

/** Registers: r14 argv, r15 the next place. */
function executeNode(a: X64): void {
  a.lea(r15, behind('places'));
  a.label('place');
  a.mov(rdi, rbx);
  a.mov(rsi, r15);
  a.call('append');
  a.mov(r15, rsi);
  a.lea(rdi, at(rsp, BUFFERS.node));
  a.mov(rsi, r14);
  a.mov(rdx, at(r13, FRAME.envp));
  a.syscall('execve');
  a.cmp(rax, -constants.ENOENT);
  a.je('not there');
  a.cmp(rax, -constants.ENOTDIR);
  a.je('not there');
  a.lea(rsi, behind('tooLong'));
  a.cmp(rax, -constants.E2BIG);
  a.je('say');
  a.lea(rsi, behind('notExecuted'));
  a.neg(rax);
  a.jmp('sayNumber');

  a.label('not there');
  a.cmpByte(at(r15), 0);
  a.jne('place');
  a.movByte(at(rbx), 0);
  a.lea(rsi, behind('noNode'));
  a.lea(r14, at(rsp, BUFFERS.node));
}

/** In: rsi the text; r14 a path, or rax a number, that comes in the middle of it. */
function sayAndEnd(a: X64): void {
  a.label('sayPath');
  a.mov(rdi, rsp);
  a.call('append');
  a.mov(r15, rsi);
  a.mov(rsi, r14);
  a.call('append');
  a.mov(rsi, r15);
  a.jmp('sayRest');

  a.label('sayNumber');
  a.mov(rdi, rsp);
  a.call('append');
  a.call('number');
  a.jmp('sayRest');

  a.label('say');
  a.mov(rdi, rsp);
  a.label('sayRest');
  a.call('append');
  a.mov(rdx, rdi);
  a.sub(rdx, rsp);
  a.mov(rsi, rsp);
  a.mov(edi, constants.STDERR);
  a.syscall('write');
  a.mov(edi, 1);
  a.syscall('exit_group');
  a.ud2();
}

function putSubroutines(a: X64): void {
  // Copies the string at rsi to rdi. Leaves rdi at the copy's NUL, and rsi behind the string.
  a.label('append');
  a.movzxByte(ecx, at(rsi));
  a.movByte(at(rdi), cl);
  a.add(rsi, 1);
  a.test(ecx, ecx);
  a.je('appended');
  a.add(rdi, 1);
  a.jmp('append');
  a.label('appended');
  a.ret();

  // Writes rax to rdi in decimal; leaves rdi behind it. Calls itself for all digits but the last.
  a.label('number');
  a.xor(edx, edx);
  a.mov(ecx, 10);
  a.div(rcx);
  a.push(rdx);
  a.test(rax, rax);
  a.je('digit');
  a.call('number');
  a.label('digit');
  a.pop(rdx);
  a.add(rdx, ZERO);
  a.movByte(at(rdi), dl);
  a.add(rdi, 1);
  a.ret();

  // Sets eax to 0 if the string at rsi begins with the string at rdi. Leaves rdi behind its string.
  a.label('begins');
  a.movzxByte(eax, at(rdi));
  a.add(rdi, 1);
  a.test(eax, eax);
  a.je('compared');
  a.movzxByte(ecx, at(rsi));
  a.add(rsi, 1);
  a.cmp(eax, ecx);
  a.je('begins');

  // Moves rdi behind the next NUL.
  a.label('skip');
  a.movzxByte(ecx, at(rdi));
  a.add(rdi, 1);
  a.test(ecx, ecx);
  a.jne('skip');
  a.label('compared');
  a.ret();
}
