import {
  Arm64,
  at,
  d8,
  d9,
  d10,
  d11,
  d12,
  d13,
  d14,
  d15,
  popped,
  pushed,
  sp,
  w0,
  w1,
  w9,
  w10,
  w11,
  x0,
  x1,
  x2,
  x3,
  x4,
  x5,
  x9,
  x19,
  x20,
  x21,
  x22,
  x23,
  x24,
  x25,
  x26,
  x27,
  x28,
  x29,
  x30,
} from '../arm64.ts';
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
import { INITS_TURN, RUNTIMES_TURN, STATE, type SwitchProgram } from './state.ts';

/** Registers: x19 the state. */
export function switchArm64(): SwitchProgram & WithListing {
  const a = new Arm64();
  clone(a);
  toInit(a);
  awaitInit(a);
  toRuntime(a);
  exec(a);
  executeReplacement(a);
  return a.finish();
}

/** Parameters: x0 the state, x1 clone3's arguments, x2 their size. */
function clone(a: Arm64): void {
  a.label('clone');
  enter(a);
  a.mov(w9, INITS_TURN);
  a.str(w9, at(x19, STATE.turn));
  a.mov(w9, 0);
  a.str(w9, at(x19, STATE.initRuns));
  a.mov(x0, x1);
  a.mov(x1, x2);
  a.syscall('clone3');
  a.cbz(x0, 'inInit');
  a.tbnz(x0, 63, 'return'); // -errno
  a.b('awaitInit');
}

/** Parameter: x0 the state. */
function toInit(a: Arm64): void {
  a.label('toInit');
  enter(a);
  replaceTurn(a, { from: RUNTIMES_TURN, to: INITS_TURN, otherwise: 'initHasLeft' });
  a.ldr(w0, at(x19, STATE.runtimeSocket));
  a.add(x1, x19, STATE.sent);
  a.mov(x2, 1);
  a.mov(x3, MSG_NOSIGNAL);
  a.mov(x4, 0);
  a.mov(x5, 0);
  a.syscall('sendto');
  a.cmp(x0, 1);
  a.beq('awaitInit');

  // The byte was not sent. If init is gone, the kernel cleared `turn` before it closed the socket.
  replaceTurn(a, { from: INITS_TURN, to: RUNTIMES_TURN, otherwise: 'initHasLeft' });
  a.b('return');

  a.label('initHasLeft');
  a.mov(x0, 0);
  a.b('return');
}

/** The runtime waits here without using the stack, which init uses meanwhile. */
function awaitInit(a: Arm64): void {
  a.label('awaitInit');
  a.add(x9, x19, STATE.turn);
  a.ldar(w0, at(x9));
  a.cmp(w0, INITS_TURN);
  a.bne('inRuntime');
  a.mov(x0, x9);
  a.mov(x1, FUTEX_WAIT);
  a.mov(x2, INITS_TURN);
  a.add(x3, x19, STATE.timeout);
  a.syscall('futex');
  a.b('awaitInit');

  // Back in the runtime: init gave the turn back, executed a program, or ended.
  a.label('inRuntime');
  a.cbnz(w0, 'goOn');
  a.ldr(w9, at(x19, STATE.initRuns));
  a.cbnz(w9, 'lost');
  // Returns from where the thread left the stack, with 0 or RUNTIMES_TURN in w0.
  a.label('goOn');
  a.ldr(x9, at(x19, STATE.stack));
  a.mov(sp, x9);
  a.b('return');

  a.label('inInit');
  a.mov(w9, 1);
  a.str(w9, at(x19, STATE.initRuns));
  a.ldr(x9, at(x19, STATE.stack));
  a.mov(sp, x9);
  a.mov(x0, 1);

  a.label('return');
  SAVED.forEach(([first, second], i) => {
    if (i > 0) a.ldp(first, second, at(sp, 16 * i));
  });
  a.ldp(x29, x30, popped(FRAME));
  a.ret();
}

/** Parameter: x0 the state. */
function toRuntime(a: Arm64): void {
  a.label('toRuntime');
  enter(a);
  a.mov(w9, 0);
  a.str(w9, at(x19, STATE.initRuns));
  a.add(x0, x19, STATE.turn);
  a.mov(w9, RUNTIMES_TURN);
  a.stlr(w9, at(x0));
  a.mov(x1, FUTEX_WAKE);
  a.mov(x2, 1);
  a.syscall('futex');

  a.label('awaitRuntime');
  a.ldr(w0, at(x19, STATE.initSocket));
  a.add(x1, x19, STATE.received);
  a.mov(x2, 1);
  a.mov(x3, 0);
  a.mov(x4, 0);
  a.mov(x5, 0);
  a.syscall('recvfrom');
  a.cmn(x0, EINTR);
  a.beq('awaitRuntime');
  a.cmp(x0, 1);
  a.beq('inInit');
  // init ends when the connection ends, or on an error.
  exitWithFailure(a);
}

/** Parameters: x0 the state, w1 the fd, x2 argv, x3 envp, x4 the empty path. */
function exec(a: Arm64): void {
  a.label('exec');
  enter(a);
  a.mov(w9, 0);
  a.str(w9, at(x19, STATE.initRuns));
  a.mov(w0, w1);
  a.mov(x1, x4);
  a.mov(x4, AT_EMPTY_PATH);
  a.syscall('execveat');
  a.mov(w9, 1);
  a.str(w9, at(x19, STATE.initRuns));
  a.b('return'); // -errno
}

/** init ended in its turn, and the thread of JavaScript with it: the runtime starts anew. */
function executeReplacement(a: Arm64): void {
  a.label('lost');
  a.mov(x0, SIG_SETMASK);
  a.add(x1, x19, STATE.emptyMask);
  a.mov(x2, 0);
  a.mov(x3, SIGSET_SIZE);
  a.syscall('rt_sigprocmask');
  a.ldr(x0, at(x19, STATE.lost));
  a.ldr(x1, at(x19, STATE.lost + 8));
  a.ldr(x2, at(x19, STATE.lost + 16));
  a.syscall('execve');
  // No replacement, or it cannot be executed.
  a.mov(x0, STDERR);
  a.ldr(x1, at(x19, STATE.failureMessage));
  a.ldr(x2, at(x19, STATE.failureMessage + 8));
  a.syscall('write');
  exitWithFailure(a);
}

/** Registers that a C function must preserve (AAPCS64), the frame record first. */
const SAVED = [
  [x29, x30],
  [x19, x20],
  [x21, x22],
  [x23, x24],
  [x25, x26],
  [x27, x28],
  [d8, d9],
  [d10, d11],
  [d12, d13],
  [d14, d15],
] as const;
const FRAME = 16 * SAVED.length;

/** Saves registers and the stack pointer: the other process may return from here. */
function enter(a: Arm64): void {
  a.stp(x29, x30, pushed(FRAME));
  SAVED.forEach(([first, second], i) => {
    if (i > 0) a.stp(first, second, at(sp, 16 * i));
  });
  a.mov(x19, x0);
  a.mov(x9, sp);
  a.str(x9, at(x19, STATE.stack));
}

interface TurnChange {
  from: number;
  to: number;
  /** The label to jump to when `turn` is not `from`. */
  otherwise: string;
}

/** Changes `turn` atomically. */
function replaceTurn(a: Arm64, { from, to, otherwise }: TurnChange): void {
  const again = `replace ${from} by ${to}`;
  a.add(x9, x19, STATE.turn);
  a.mov(w10, to);
  a.label(again);
  a.ldaxr(w11, at(x9));
  a.cmp(w11, from);
  a.bne(otherwise);
  a.stlxr(w11, w10, at(x9));
  a.cbnz(w11, again);
}

function exitWithFailure(a: Arm64): void {
  a.mov(x0, 1);
  a.syscall('exit_group');
  a.brk();
}
