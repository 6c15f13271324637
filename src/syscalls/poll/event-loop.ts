/** The event loop of an embedding program, which has other work. */
export interface EventLoop {
  /** Lets it turn, unless it has turned recently. */
  turn(): Promise<void>;
  /** Waits until `fd` is readable, at most `timeout` milliseconds; -1 means for ever. */
  readable(fd: number, timeout: number): Promise<void>;
}
