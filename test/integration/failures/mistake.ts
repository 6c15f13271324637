import type { Bundle, TestSpec } from '../../support/bundle.ts';
import type { Result } from '../../support/command.ts';

/** Something that people get wrong: a row of README.md. */
export interface Mistake {
  /** What was done wrong. */
  name: string;
  /** Changes the configuration. */
  spec?: (spec: TestSpec, bundle: Bundle) => void;
  /** Changes the bundle, once it is configured. */
  prepare?: (bundle: Bundle) => void;
  /** Default: `run`. */
  attempt?: (bundle: Bundle) => Result;
  /** Why this machine cannot make it; false where it can. */
  skip?: string | false;
  davit: Explanation;
}

/** How davit classifies a failure, in its trace, and what it advises. */
export interface Explanation {
  /** The stage or step that failed; absent where the command line did. */
  stage?: string;
  /** Where in config.json: `mounts[2]`. */
  field?: string;
  syscall?: string;
  errno?: string;
  /** In the hint; absent where there is to be none. */
  hint?: RegExp;
  /** The exit status. Default: 1. */
  status?: number;
}

/** Mistakes with something in common: a section of README.md. */
export interface Theme {
  name: string;
  mistakes: readonly Mistake[];
}
