import { constants } from 'node:os';
import { hostArch } from '../../machine/assembler.ts';
import { SIG_SETMASK, SIGSET_SIZE } from '../../machine/constants.ts';
import { trampolineProgram } from '../../machine/trampoline/trampoline.ts';
import type { TrampolineCall } from './build-trampoline.ts';
import { BASE_ADDRESS, HEADERS_SIZE } from './elf.ts';

const { SIGHUP, SIGINT, SIGKILL, SIGPIPE, SIGQUIT, SIGSTOP, SIGTERM, SIGXFSZ } = constants.signals;
/** struct sigaction as the kernel has it (asm/signal.h). */
const SIGACTION_SIZE = 32;
const SA_RESTORER = 0x04000000;

/**
 * Makes the two signals default that Node ignores: exec resets handlers, but not ignored signals.
 * Then unblocks all signals, which were blocked while Node's handlers were installed.
 */
export const resetSignals = (): TrampolineCall[] => [
  sigaction(SIGPIPE, 0),
  sigaction(SIGXFSZ, 0),
  setMask(0),
];

/** Makes all signals default but the real-time ones, as Node does when it starts. */
export const defaultSignals = (last = LAST_SIGNAL): TrampolineCall[] =>
  Array.from({ length: last }, (_, i) => i + 1)
    .filter((signal) => signal !== SIGKILL && signal !== SIGSTOP)
    .map((signal) => sigaction(signal, 0));

/** Makes all signals default and unblocked, as posix_spawn(3) does. */
export const cleanSignals = (): TrampolineCall[] => [...defaultSignals(64), setMask(0)];

/** The last signal that is no real-time one. */
const LAST_SIGNAL = 31;

/**
 * Makes SIGHUP, SIGINT, SIGQUIT and SIGTERM end the trampoline: as pid 1 without handlers it would
 * ignore them.
 */
export const endBySignals = (): TrampolineCall[] => [
  ...[SIGHUP, SIGINT, SIGQUIT, SIGTERM].map((signal) => sigaction(signal, exitAddress())),
  setMask(0),
];

/** A handler needs a restorer, even one that never returns: sigreturn(2). */
function sigaction(signal: number, handler: number): TrampolineCall {
  const bytes = Buffer.alloc(SIGACTION_SIZE);
  bytes.writeUInt32LE(handler, 0);
  bytes.writeUInt32LE(handler ? SA_RESTORER : 0, 8);
  bytes.writeUInt32LE(handler, 16);
  return { syscall: 'rt_sigaction', arguments: [signal, { bytes }, 0, SIGSET_SIZE] };
}

function setMask(fill: number): TrampolineCall {
  const bytes = Buffer.alloc(SIGSET_SIZE, fill);
  return { syscall: 'rt_sigprocmask', arguments: [SIG_SETMASK, { bytes }, 0, SIGSET_SIZE] };
}

const exitAddress = (): number =>
  BASE_ADDRESS + HEADERS_SIZE + trampolineProgram(hostArch()).labels.exit;
