import { constants } from 'node:os';
import { reasonFor, restartFor } from '../process/restart.ts';
import { inheritStdio } from '../process/trampoline/inherit-fds.ts';
import { setAlarm } from '../syscalls/alarm.ts';
import { type ExecHandler, execHandler } from '../syscalls/exec-handler.ts';
import { DEFAULT_ACTION, setSignalHandler } from '../syscalls/sigaction.ts';
import { setBlocked } from '../syscalls/signals.ts';
import type { Work } from './at-work.ts';

const { SIGALRM } = constants.signals;
/** Milliseconds after which nothing in this process can be expected to end it. */
const GRACE = 200;
/** Bytes for the text, filled up with spaces. */
const TEXT_SIZE = 512;

/**
 * Ends what no timer of JavaScript can: a function that never returns. When its time is up the
 * kernel has this process become the same command once more, which cleans up and says whose
 * function it was (process/restart.ts). Only while a function runs is there a handler: a process
 * that is forked has none, where the path of davit's own program may be another's.
 */
export class Watchdog {
  readonly #handler: ExecHandler;
  /** Where davit waits for signals by itself. */
  #wasBlocked = false;

  /** `restart` is the command line of this process. */
  constructor(restart: readonly string[]) {
    inheritStdio();
    this.#handler = execHandler(restartFor(restart, ' '.repeat(TEXT_SIZE)));
  }

  watch({ plugin, what, timeout }: Work): void {
    const { address, environment } = this.#handler;
    const text = Buffer.alloc(TEXT_SIZE, ' ');
    text.write(
      reasonFor('hungPlugin', `plugin ${plugin}: ${what}: no answer within ${timeout} ms`),
    );
    text.copy(environment, environment.length - TEXT_SIZE - 1);
    setSignalHandler(SIGALRM, address);
    this.#wasBlocked = setBlocked(SIGALRM, false);
    setAlarm(timeout + GRACE);
  }

  release(): void {
    setAlarm(0);
    if (this.#wasBlocked) setBlocked(SIGALRM, true);
    setSignalHandler(SIGALRM, DEFAULT_ACTION);
  }
}
