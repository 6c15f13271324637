import { constants } from 'node:os';
import { type CommandLine, reasonFor, restartFor } from '../../init/restart.ts';
import { inheritStdio } from '../../init/trampoline/inherit-fds.ts';
import { DEFAULT_ACTION, setSignalHandler } from '../../syscalls/signal/sigaction.ts';
import { setBlocked } from '../../syscalls/signal/signals.ts';
import { type ExecHandler, execHandler } from '../../syscalls/task/exec-handler.ts';
import { ITIMER_PROF, ITIMER_REAL, setTimer } from '../../syscalls/time/interval-timer.ts';
import type { WatchedFunction } from './watched-function.ts';

const { SIGALRM, SIGPROF } = constants.signals;
/** Milliseconds of CPU time beyond the timeout: JavaScript's own timers have failed by then. */
const GRACE = 200;
/**
 * For a function that uses no CPU time because it waits: this many times the timeout, and at least
 * LEAST_LIMIT_MS milliseconds.
 */
const LIMIT_FACTOR = 10;
const LEAST_LIMIT_MS = 30_000;

const TIMERS = [
  { timer: ITIMER_PROF, signal: SIGPROF, limit: (timeout: number) => timeout + GRACE },
  {
    timer: ITIMER_REAL,
    signal: SIGALRM,
    limit: (timeout: number) => Math.max(timeout * LIMIT_FACTOR, LEAST_LIMIT_MS),
  },
];
/** Bytes for the text, padded with spaces. */
const TEXT_SIZE = 512;

/**
 * Ends a function that never returns, which no JavaScript timer can. When its time is up, the
 * kernel has this process execute the same command again, which cleans up and names the plugin (see
 * restartFor). The signal handlers exist only while a function runs: a forked process must not have
 * them, as davit's path may be another file there.
 */
export class Watchdog {
  readonly #handler: ExecHandler;
  /** Signals that were blocked before: davit itself waits for them in places. */
  readonly #blocked = new Set<number>();

  constructor(restart: CommandLine) {
    inheritStdio();
    this.#handler = execHandler(restartFor(restart, ' '.repeat(TEXT_SIZE)));
  }

  watch({ plugin, what, timeout }: WatchedFunction): void {
    const { address, environment } = this.#handler;
    const text = Buffer.alloc(TEXT_SIZE, ' ');
    text.write(
      reasonFor('hungPlugin', `plugin ${plugin}: ${what}: no answer within ${timeout} ms`),
    );
    text.copy(environment, environment.length - TEXT_SIZE - 1);
    for (const { timer, signal, limit } of TIMERS) {
      setSignalHandler(signal, address);
      if (setBlocked(signal, false)) this.#blocked.add(signal);
      setTimer(timer, limit(timeout));
    }
  }

  release(): void {
    for (const { timer, signal } of TIMERS) {
      setTimer(timer, 0);
      if (this.#blocked.delete(signal)) setBlocked(signal, true);
      setSignalHandler(signal, DEFAULT_ACTION);
    }
  }
}
