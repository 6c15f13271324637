import { readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { hasErrno } from '../../errors/syscall-error.ts';
import { hostArch } from '../../machine/assembler.ts';
import { maskHandlerProgram } from '../../machine/mask-handler/mask-handler.ts';
import { declare, declareSyscall } from '../ffi/libc.ts';
import { mapCode } from '../switch/map-code.ts';
import { monotonicMs } from '../time/monotonic.ts';
import { sleepSync } from '../time/sleep.ts';

// asm/signal.h
const SA_SIGINFO = 0x4;
const SA_RESTART = 0x10000000;

/** Every signal but 32 and 33, which glibc's setuid(3) and thread cancellation send to threads. */
const ALL_SIGNALS = 0xfffffffe_7fffffffn;
/** The signal that runs the handler: ignored by default, and never forwarded by davit. */
const SIGURG = constants.signals.SIGURG;

const TIMEOUT_MS = 10_000;
/** After so many checks, sleep between checks: on a busy machine the threads wait for a CPU. */
const QUICK_LOOKS = 50;

const nativeSigaction = declare<[number, Uint8Array, Uint8Array | null]>(
  'int sigaction(int signum, const void *act, void *oldact)',
);
const nativeTgkill = declareSyscall<[number, number, number]>('tgkill', [
  'int64_t',
  'int64_t',
  'int64_t',
]);

/**
 * Blocks every signal in all threads but the calling one.
 * The kernel gives a signal of the process to any thread that does not block it. If one of Node's
 * own threads took it, the main thread's signalfd would never see it. Only a thread itself can
 * change its mask, so each runs a signal handler that changes the mask in its saved context
 * (src/machine/mask-handler).
 */
export function blockSignalsInOtherThreads(): void {
  const threads = otherThreads();
  if (threads.length === 0) return;
  handler ??= mapCode(handlerCode());
  const before = Buffer.alloc(SIGACTION_SIZE);
  nativeSigaction(SIGURG, handlerAction(handler), before);
  try {
    maskThreads(threads);
  } finally {
    nativeSigaction(SIGURG, before, null);
  }
}

/** Address of the handler. It stays mapped: a thread may still be about to run it. */
let handler: bigint | undefined;

function maskThreads(threads: readonly number[]): void {
  const deadline = monotonicMs() + TIMEOUT_MS;
  const signalled = new Set(threads);
  for (const thread of threads) signalThread(thread);
  let looks = 0;
  for (let open = openThreads(); open.length > 0; open = openThreads()) {
    if (++looks > QUICK_LOOKS) sleepSync(1);
    if (monotonicMs() > deadline) {
      throw new Error(`threads ${open.join(', ')} do not block their signals`);
    }
    for (const thread of open) {
      if (signalled.has(thread)) continue;
      signalled.add(thread);
      signalThread(thread);
    }
  }
}

function signalThread(thread: number): void {
  try {
    nativeTgkill(process.pid, thread, SIGURG);
  } catch (error) {
    // The thread ended meanwhile.
    if (!hasErrno(error, 'ESRCH')) throw error;
  }
}

/** The process's other threads that do not block all signals. */
const openThreads = (): number[] => otherThreads().filter((thread) => !blocksAll(thread));

const otherThreads = (): number[] =>
  readdirSync('/proc/self/task')
    .map(Number)
    .filter((thread) => thread !== process.pid);

function blocksAll(thread: number): boolean {
  try {
    const status = readFileSync(`/proc/self/task/${thread}/status`, 'latin1');
    const blocked = BigInt(`0x${/^SigBlk:\s*(\w+)/m.exec(status)![1]}`);
    // SIGKILL and SIGSTOP cannot be blocked.
    return (blocked | KILL_AND_STOP) === ALL_SIGNALS;
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ESRCH')) return true;
    throw error;
  }
}

const KILL_AND_STOP = (1n << 8n) | (1n << 18n);

function handlerCode(): Buffer {
  const { code, labels } = maskHandlerProgram(hostArch());
  code.writeBigUInt64LE(ALL_SIGNALS, labels.mask);
  return code;
}

/** sizeof(struct sigaction), bits/sigaction.h: handler, 128-byte mask, int flags, restorer. */
const SIGACTION_SIZE = 152;

function handlerAction(address: bigint): Buffer {
  // The handler itself blocks nothing more: a thread that blocks all signals has returned from it.
  const action = Buffer.alloc(SIGACTION_SIZE);
  action.writeBigUInt64LE(address, 0);
  action.writeInt32LE(SA_SIGINFO | SA_RESTART, 136);
  return action;
}
