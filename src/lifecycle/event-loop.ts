/** The event loop of a program that has more to do than this command. */
export interface EventLoop {
  /** Lets it turn, where it has not for a while. */
  turn(): Promise<void>;
  /** Waits on it until `fd` is readable, at most `timeout` milliseconds; -1: for ever. */
  readable(fd: number, timeout: number): Promise<void>;
}
