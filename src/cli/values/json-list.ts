/** A line of JSON; runc's Go prints an empty list as null. */
export const jsonList = (list: readonly unknown[]): string =>
  `${JSON.stringify(list.length > 0 ? list : null)}\n`;
