/** An environment, by default this process's, in the form of environ(7): `NAME=value`. */
export const environ = (
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string[] => Object.entries(environment).map(([name, value]) => `${name}=${value}`);
