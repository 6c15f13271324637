import type { WithListing } from '../assembler.ts';
import {
  AT_EMPTY_PATH,
  EINTR,
  FUTEX_WAIT,
  FUTEX_WAKE,
  MSG_NOSIGNAL,
  SIG_SETMASK,
  SIGSET_SIZE,
  STDERR,
} from '../constants.ts';
import {
  at,
  eax,
  ecx,
  edi,
  edx,
  esi,
  r8,
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
import { INITS_TURN, RUNTIMES_TURN, STATE, type SwitchProgram } from './state.ts';

/** Registers: rbx the state. */
export function switchX64(): SwitchProgram & WithListing {
  const a = new X64();
  clone(a);
  toInit(a);
  awaitInit(a);
  toRuntime(a);
  exec(a);
  executeReplacement(a);
  return a.finish();
}

/** Parameters: rdi the state, rsi clone3's arguments, rdx their size. */
function clone(a: X64): void {
  a.label('clone');
  enter(a);
  a.mov(at(rbx, STATE.turn), INITS_TURN);
  a.mov(at(rbx, STATE.initRuns), 0);
  a.mov(rdi, rsi);
  a.mov(rsi, rdx);
  a.syscall('clone3');
  a.test(rax, rax);
  a.je('inInit');
  a.jns('awaitInit');
  a.jmp('return'); // -errno
}

/** Parameter: rdi the state. */
function toInit(a: X64): void {
  a.label('toInit');
  enter(a);
  a.mov(eax, RUNTIMES_TURN);
  a.mov(ecx, INITS_TURN);
  a.lockCmpxchg(at(rbx, STATE.turn), ecx);
  a.jne('initHasLeft');
  a.mov(edi, at(rbx, STATE.runtimeSocket));
  a.lea(rsi, at(rbx, STATE.sent));
  a.mov(edx, 1);
  a.mov(r10d, MSG_NOSIGNAL);
  a.xor(r8d, r8d);
  a.xor(r9d, r9d);
  a.syscall('sendto');
  a.cmp(rax, 1);
  a.je('awaitInit');

  // The byte was not sent. If init is gone, the kernel cleared `turn` before it closed the socket.
  a.mov(rdx, rax);
  a.mov(eax, INITS_TURN);
  a.mov(ecx, RUNTIMES_TURN);
  a.lockCmpxchg(at(rbx, STATE.turn), ecx);
  a.jne('initHasLeft');
  a.mov(rax, rdx);
  a.jmp('return');

  a.label('initHasLeft');
  a.xor(eax, eax);
  a.jmp('return');
}

/** The runtime waits here without using the stack, which init uses meanwhile. */
function awaitInit(a: X64): void {
  a.label('awaitInit');
  a.mov(eax, at(rbx, STATE.turn));
  a.cmp(eax, INITS_TURN);
  a.jne('inRuntime');
  a.mov(rdi, rbx);
  a.mov(esi, FUTEX_WAIT);
  a.mov(edx, INITS_TURN);
  a.lea(r10, at(rbx, STATE.timeout));
  a.syscall('futex');
  a.jmp('awaitInit');

  // Back in the runtime: init gave the turn back, executed a program, or ended.
  a.label('inRuntime');
  a.test(eax, eax);
  a.jne('goOn');
  a.cmp(at(rbx, STATE.initRuns), 1);
  a.je('lost');
  // Returns from where the thread left the stack, with 0 or RUNTIMES_TURN in eax.
  a.label('goOn');
  a.mov(rsp, at(rbx, STATE.stack));
  a.jmp('return');

  a.label('inInit');
  a.mov(at(rbx, STATE.initRuns), 1);
  a.mov(rsp, at(rbx, STATE.stack));
  a.mov(eax, 1);

  a.label('return');
  for (const register of [...SAVED].reverse()) a.pop(register);
  a.ret();
}

/** Parameter: rdi the state. */
function toRuntime(a: X64): void {
  a.label('toRuntime');
  enter(a);
  a.mov(at(rbx, STATE.initRuns), 0);
  a.mov(at(rbx, STATE.turn), RUNTIMES_TURN);
  a.mov(rdi, rbx);
  a.mov(esi, FUTEX_WAKE);
  a.mov(edx, 1);
  a.syscall('futex');

  a.label('awaitRuntime');
  a.mov(edi, at(rbx, STATE.initSocket));
  a.lea(rsi, at(rbx, STATE.received));
  a.mov(edx, 1);
  a.xor(r10d, r10d);
  a.xor(r8d, r8d);
  a.xor(r9d, r9d);
  a.syscall('recvfrom');
  a.cmp(rax, -EINTR);
  a.je('awaitRuntime');
  a.cmp(rax, 1);
  a.je('inInit');
  // init ends when the connection ends, or on an error.
  exitWithFailure(a);
}

/** Parameters: rdi the state, esi the fd, rdx argv, rcx envp, r8 the empty path. */
function exec(a: X64): void {
  a.label('exec');
  enter(a);
  a.mov(at(rbx, STATE.initRuns), 0);
  a.mov(edi, esi);
  a.mov(rsi, r8);
  a.mov(r10, rcx);
  a.mov(r8d, AT_EMPTY_PATH);
  a.syscall('execveat');
  a.mov(at(rbx, STATE.initRuns), 1);
  a.jmp('return'); // -errno
}

/** init ended in its turn, and the thread of JavaScript with it: the runtime starts anew. */
function executeReplacement(a: X64): void {
  a.label('lost');
  a.mov(edi, SIG_SETMASK);
  a.lea(rsi, at(rbx, STATE.emptyMask));
  a.xor(edx, edx);
  a.mov(r10d, SIGSET_SIZE);
  a.syscall('rt_sigprocmask');
  a.mov(rdi, at(rbx, STATE.lost));
  a.mov(rsi, at(rbx, STATE.lost + 8));
  a.mov(rdx, at(rbx, STATE.lost + 16));
  a.syscall('execve');
  // No replacement, or it cannot be executed.
  a.mov(edi, STDERR);
  a.mov(rsi, at(rbx, STATE.failureMessage));
  a.mov(rdx, at(rbx, STATE.failureMessage + 8));
  a.syscall('write');
  exitWithFailure(a);
}

/** Registers that a C function must preserve (System V ABI, AMD64). */
const SAVED = [rbx, rbp, r12, r13, r14, r15];

/** Saves registers and the stack pointer: the other process may return from here. */
function enter(a: X64): void {
  for (const register of SAVED) a.push(register);
  a.mov(rbx, rdi);
  a.mov(at(rbx, STATE.stack), rsp);
}

function exitWithFailure(a: X64): void {
  a.mov(edi, 1);
  a.syscall('exit_group');
  a.ud2();
}
