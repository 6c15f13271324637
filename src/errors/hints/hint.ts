/**
 * A hint for failed system calls. Every property that is set must match the failure; the first hint
 * that matches is used. `stage` is required, as an errno means something else in every stage.
 * Message texts are not matched, as they may change. davit's own errors carry a hint from where
 * they are thrown.
 */
export interface Hint {
  stage: string | readonly string[];
  /** A field of config.json, or the beginning of one. */
  field?: string;
  syscall?: string | readonly string[];
  errno?: string | readonly string[];
  /** What the user can do about the failure, in one line. */
  hint: string;
}
