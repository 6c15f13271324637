/** Adds a hint to an error whose class has no parameter for one. */
export const withHint = <E>(error: E, hint: string | undefined): E =>
  error instanceof Error && hint !== undefined ? Object.assign(error, { hint }) : error;
