/** An environment, this process's unless another is given, as environ(7) has it: `NAME=value`. */
export const environ = (
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string[] => Object.entries(environment).map(([name, value]) => `${name}=${value}`);
