/** A list as a line of JSON. An empty list is null, as runc prints it. */
export const jsonList = (list: readonly unknown[]): string =>
  `${JSON.stringify(list.length > 0 ? list : null)}\n`;
