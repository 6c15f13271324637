/** This process's environment as environ(7) has it: `NAME=value`. */
export const environ = (): string[] =>
  Object.entries(process.env).map(([name, value]) => `${name}=${value}`);
