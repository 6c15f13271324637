import { assemble } from '../assemble.ts';
import type { MachineArch, WithListing } from '../assembler.ts';
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
import { a0, a1, a2, a3, a4, at, type Machine, result, s0, s1, sp, t0 } from '../machine.ts';
import { INITS_TURN, RUNTIMES_TURN, STATE, type SwitchProgram } from './state.ts';

/** The address of the state, which is also the first parameter of each function. */
const state = s0;
const turn = at(state, STATE.turn);
const initRuns = at(state, STATE.initRuns);

/**
 * The functions that state.ts describes, at labels of the same names. The build assembles them in
 * advance: tools/build/bundle/assemble.ts.
 */
export const switchProgram = (arch: MachineArch): SwitchProgram & WithListing =>
  assemble(arch, (m) => {
    clone(m);
    toInit(m);
    awaitInit(m);
    toRuntime(m);
    exec(m);
    executeReplacement(m);
  });

/** Parameters: the state, clone3's arguments, their size. */
function clone(m: Machine): void {
  m.label('clone');
  enter(m);
  m.store32(turn, INITS_TURN);
  m.store32(initRuns, 0);
  m.syscall('clone3', a1, a2);
  m.ifEqual(result, 0, 'inInit');
  m.ifNegative(result, 'return'); // -errno
  m.jump('awaitInit');
}

function toInit(m: Machine): void {
  const sent = s1;
  m.label('toInit');
  enter(m);
  m.compareExchange32(turn, RUNTIMES_TURN, INITS_TURN, 'initHasLeft');
  m.load32(a0, at(state, STATE.runtimeSocket));
  m.syscall('sendto', a0, at(state, STATE.sent), 1, MSG_NOSIGNAL, 0, 0);
  m.ifEqual(result, 1, 'awaitInit');

  // The byte was not sent. If init is gone, the kernel cleared `turn` before it closed the socket.
  m.move(sent, result);
  m.compareExchange32(turn, INITS_TURN, RUNTIMES_TURN, 'initHasLeft');
  m.move(result, sent);
  m.jump('return');

  m.label('initHasLeft');
  m.set(result, 0);
  m.jump('return');
}

/** The runtime waits here without using the stack, which init uses meanwhile. */
function awaitInit(m: Machine): void {
  m.label('awaitInit');
  m.loadAcquire32(result, turn);
  m.ifNotEqual(result, INITS_TURN, 'inRuntime');
  m.syscall('futex', turn, FUTEX_WAIT, INITS_TURN, at(state, STATE.timeout));
  m.jump('awaitInit');

  // Back in the runtime: init gave the turn back, executed a program, or ended.
  m.label('inRuntime');
  m.ifNotEqual(result, 0, 'goOn');
  m.load32(t0, initRuns);
  m.ifNotEqual(t0, 0, 'lost');
  // Returns from where the thread left the stack, with 0 or RUNTIMES_TURN.
  m.label('goOn');
  m.load(t0, at(state, STATE.stack));
  m.move(sp, t0);
  m.jump('return');

  m.label('inInit');
  m.store32(initRuns, 1);
  m.load(t0, at(state, STATE.stack));
  m.move(sp, t0);
  m.set(result, 1);

  m.label('return');
  m.leaveFunction();
}

function toRuntime(m: Machine): void {
  m.label('toRuntime');
  enter(m);
  m.store32(initRuns, 0);
  m.storeRelease32(turn, RUNTIMES_TURN);
  m.syscall('futex', turn, FUTEX_WAKE, 1);

  m.label('awaitRuntime');
  m.load32(a0, at(state, STATE.initSocket));
  m.syscall('recvfrom', a0, at(state, STATE.received), 1, 0, 0, 0);
  m.ifEqual(result, -EINTR, 'awaitRuntime');
  m.ifEqual(result, 1, 'inInit');
  // init ends when the connection ends, or on an error.
  m.exit(1);
}

/** Parameters: the state, the fd, argv, envp, the empty path. */
function exec(m: Machine): void {
  m.label('exec');
  enter(m);
  m.store32(initRuns, 0);
  m.syscall('execveat', a1, a4, a2, a3, AT_EMPTY_PATH);
  m.store32(initRuns, 1);
  m.jump('return'); // -errno
}

/** init ended in its turn, and the thread of JavaScript with it: the runtime starts anew. */
function executeReplacement(m: Machine): void {
  m.label('lost');
  m.syscall('rt_sigprocmask', SIG_SETMASK, at(state, STATE.emptyMask), 0, SIGSET_SIZE);
  m.load(a0, at(state, STATE.lost));
  m.load(a1, at(state, STATE.lost + 8));
  m.load(a2, at(state, STATE.lost + 16));
  m.syscall('execve', a0, a1, a2);
  // No replacement, or it cannot be executed.
  m.load(a1, at(state, STATE.failureMessage));
  m.load(a2, at(state, STATE.failureMessage + 8));
  m.syscall('write', STDERR, a1, a2);
  m.exit(1);
}

/** Saves registers and the stack pointer: the other process may return from here. */
function enter(m: Machine): void {
  m.enterFunction();
  m.move(state, a0);
  m.move(t0, sp);
  m.store(at(state, STATE.stack), t0);
}
