import type { Bundle, TestSpec } from '../../support/bundle.ts';
import type { Result } from '../../support/command.ts';

/** A mistake that users make: a row of README.md. */
export interface Mistake {
  /** What is wrong. */
  name: string;
  /** Changes the configuration. */
  spec?: (spec: TestSpec, bundle: Bundle) => void;
  /** Changes the bundle after the configuration is written. */
  prepare?: (bundle: Bundle) => void;
  /** The command; `run` if absent. */
  attempt?: (bundle: Bundle) => Result;
  /** The reason to skip the mistake on this machine, or false. */
  skip?: string | false;
  davit: Explanation;
}

/** The attributes of davit's trace for the failure, and the hint. */
export interface Explanation {
  /** The failed stage; absent if the command line is wrong. */
  stage?: string;
  /** The field of config.json: `mounts[2]`. */
  field?: string;
  syscall?: string;
  errno?: string;
  /** A text that the hint contains; absent if there must be no hint. */
  hint?: RegExp;
  /** The exit status. Default: 1. */
  status?: number;
}

/** A group of similar mistakes: a section of README.md. */
export interface Theme {
  name: string;
  mistakes: readonly Mistake[];
}
