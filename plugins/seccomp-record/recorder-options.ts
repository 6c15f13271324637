import type { Seccomp } from 'davit/plugin';

/** The recorder's input, as JSON on stdin. */
export interface RecorderOptions {
  output: string;
  merge: boolean;
  include: readonly string[];
  /**
   * True when the first call under the filter is the runtime's and not the program's: the runtime
   * waits for the recorder.
   */
  filterComesLast: boolean;
  base: Seccomp | undefined;
}

/** A file in the recorder's directory that holds the reason for a missing profile. */
export const FAILURE = 'failure';

/** A file in the recorder's directory that holds the pid of the container once it is made. */
export const CREATED = 'created';
