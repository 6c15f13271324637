import type { WindowSize } from '../syscalls/tty/tty.ts';

/** The terminal at which the user of the container's terminal sits. */
export interface UserTerminal extends Disposable {
  /** Undefined when it reports none. */
  readonly size: WindowSize | undefined;
  /** Connects it to the container's terminal, whose master end is `master`. */
  attach(master: number): void;
  /** Gives the container's terminal this one's size. */
  resize(master: number): void;
  /** Puts this terminal back as it was; may be called twice. */
  restore(): void;
}
