import type { Seccomp } from 'davit/plugin';

/** What the recorder is told, as JSON on its stdin. */
export interface Order {
  output: string;
  merge: boolean;
  include: readonly string[];
  /** The filter's first call is the runtime's, which waits for us to be there: not the program's. */
  filterComesLast: boolean;
  base: Seccomp | undefined;
}

/** The file of the recorder's directory that says why there is no profile. */
export const FAILURE = 'failure';

/** The file of that directory that holds the pid of a container that was made. */
export const CREATED = 'created';
