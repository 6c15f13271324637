/**
 * When a hint is for a failed system call: everything named must agree, and the first that does is given. An errno
 * says something else in every stage, and a text may change: so the stage is always named, and texts never are. An
 * error of davit's own brings its hint along, from where it is thrown.
 */
export interface Hint {
  stage: string | readonly string[];
  /** Of config.json; as it begins. */
  field?: string;
  syscall?: string | readonly string[];
  errno?: string | readonly string[];
  /** What to do about it: for a person, in one line. */
  hint: string;
}
