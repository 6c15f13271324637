import { constants } from 'node:os';
import { hostArch } from '../../machine/assembler.ts';
import { SIG_SETMASK, SIGSET_SIZE } from '../../machine/constants.ts';
import { trampolineProgram } from '../../machine/trampoline/trampoline.ts';
import type { TrampolineCall } from './build-trampoline.ts';
import { BASE_ADDRESS, HEADERS_SIZE } from './elf.ts';

const { SIGHUP, SIGINT, SIGPIPE, SIGQUIT, SIGTERM, SIGXFSZ } = constants.signals;
/** struct sigaction as the kernel has it (asm/signal.h). */
const SIGACTION_SIZE = 32;
const SA_RESTORER = 0x04000000;

/**
 * exec makes handlers default, and Node had every signal so at its start but the two it ignores.
 * They were blocked until now, when Node's handlers are gone.
 */
export const resetSignals = (): TrampolineCall[] => [
  sigaction(SIGPIPE, 0),
  sigaction(SIGXFSZ, 0),
  setMask(0),
];

/**
 * From here on the signals by which people end a program end the trampoline: as pid 1 it would
 * otherwise notice no signal but SIGKILL.
 */
export const endBySignals = (): TrampolineCall[] => [
  ...[SIGHUP, SIGINT, SIGQUIT, SIGTERM].map((signal) => sigaction(signal, exitAddress())),
  setMask(0),
];

/** A handler must name where to return to, even one that never does. */
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
