/** A request that cannot be met, in the words callers match on (`container does not exist`). */
export class RuntimeError extends Error {
  override readonly name = 'RuntimeError';
  /** A second line for a person: what to do about it. */
  readonly hint: string | undefined;

  constructor(message: string, hint?: string, options?: ErrorOptions) {
    super(message, options);
    this.hint = hint;
  }
}
