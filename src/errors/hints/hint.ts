/** When a hint is for a failure: everything named must agree. The first that does is given. */
export interface Hint {
  stage?: string;
  /** Of config.json; as it begins. */
  field?: string;
  syscall?: string;
  code?: string | readonly string[];
  /** In the message. */
  says?: RegExp;
  /** What to do about it: for a person, in one line. */
  hint: string;
}
