import type { WindowSize } from '../syscalls/tty/tty.ts';

/** A terminal from which the container's gets its size, and whose user sees and types what is there. */
export interface LentTerminal extends Disposable {
  /** Undefined when it reports none. */
  readonly size: WindowSize | undefined;
  /** Takes the master end of the container's terminal. */
  lendTo(master: number): void;
  /** Gives the container's terminal this one's size. */
  resize(master: number): void;
  /** Puts this terminal back as it was; may be called twice. */
  restore(): void;
}
