/** A request that davit cannot carry out. Callers match the message: `container does not exist`. */
export class RuntimeError extends Error {
  override readonly name = 'RuntimeError';
  /** What to do about it: printed on a second line. */
  readonly hint: string | undefined;

  constructor(message: string, hint?: string, options?: ErrorOptions) {
    super(message, options);
    this.hint = hint;
  }
}
