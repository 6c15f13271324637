import type { Environment } from '../config/environment.ts';
/** An environment as environ(7) has it: `NAME=value`. */
export const environ = (environment: Environment): string[] =>
  Object.entries(environment).map(([name, value]) => `${name}=${value}`);
