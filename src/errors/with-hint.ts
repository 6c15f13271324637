/** `error`, with what to do about it; for errors of other classes than those that take a hint. */
export const withHint = <E>(error: E, hint: string | undefined): E =>
  error instanceof Error && hint !== undefined ? Object.assign(error, { hint }) : error;
