import { inheritStdio } from '../process/trampoline/inherit-fds.ts';
import { setAlarm } from '../syscalls/alarm.ts';
import { execOnSignal } from '../syscalls/exec-on-signal.ts';
import { setBlocked } from '../syscalls/signals.ts';
import type { Work } from './at-work.ts';
import { HUNG_PLUGIN } from './hung-plugin.ts';

const SIGALRM = 14;
/** Milliseconds after which nothing in this process can be expected to end it. */
const GRACE = 200;
/** Bytes for the text, filled up with spaces. */
const TEXT_SIZE = 512;

/**
 * Ends what no timer of JavaScript can: a function that never returns. When its time is up the kernel
 * has this process become the same command once more, which cleans up and says whose function it was
 * ({@link HUNG_PLUGIN}).
 */
export class Watchdog {
  readonly #environment: Buffer;
  /** Where davit waits for signals by itself. */
  #wasBlocked = false;

  /** `restart` is the command line of this process. */
  constructor(restart: readonly string[]) {
    inheritStdio();
    const env = Object.entries(process.env).map(([name, value]) => `${name}=${value}`);
    this.#environment = execOnSignal(SIGALRM, {
      path: process.execPath,
      argv: restart,
      env: [...env, `${HUNG_PLUGIN}=${' '.repeat(TEXT_SIZE)}`],
    });
  }

  watch({ plugin, what, timeout }: Work): void {
    const text = `${process.pid} plugin ${plugin}: ${what}: no answer within ${timeout} ms`;
    const padded = Buffer.alloc(TEXT_SIZE, ' ');
    padded.write(text);
    padded.copy(this.#environment, this.#environment.length - TEXT_SIZE - 1);
    this.#wasBlocked = setBlocked(SIGALRM, false);
    setAlarm(timeout + GRACE);
  }

  release(): void {
    setAlarm(0);
    if (this.#wasBlocked) setBlocked(SIGALRM, true);
  }
}
