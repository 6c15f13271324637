import type { WindowSize } from '../../../syscalls/tty/tty.ts';

/** Where the stdio of a process goes, as containerd says it: paths of FIFOs, or URIs. */
export interface StdioPlaces {
  /** Empty: /dev/null. */
  stdin: string;
  stdout: string;
  stderr: string;
  terminal: boolean;
}

/** The stdio of one process. */
export interface ProcessIo {
  /** The process's fds 0, 1 and 2. */
  readonly stdio: readonly number[];
  /** The socket to which the process sends the master end of its terminal. */
  readonly console: number | undefined;
  /** To be called once the process exists: what is only the process's is closed here. */
  launched(): void;
  /** Ends the input of the process. */
  closeStdin(): void;
  /** Sets the size of the terminal, if there is one. */
  resize(size: WindowSize): void;
  /**
   * To be called once the process has ended. Settles when all that it wrote is passed on, as far as
   * somebody reads it: readers then get the end of file.
   */
  ended(): Promise<void>;
  /** Closes everything: what nobody has read is lost. Also for a process that could not be made. */
  close(): Promise<void>;
}
