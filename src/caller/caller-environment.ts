import type { Environment } from '../config/environment.ts';
import { NOFILE_VARIABLE } from '../init/parent/inherited-nofile.ts';
import { RESTARTED_VARIABLE } from '../init/restart.ts';
import { environ } from './environ.ts';

/**
 * Prefix of the names under which the front (dist/davit) passes variables that would change Node.
 */
export const MOVED_PREFIX = 'DAVIT_CALLER_';

const OWN_VARIABLES: readonly string[] = [NOFILE_VARIABLE, RESTARTED_VARIABLE];

/** The environment that davit was called with, before the front (dist/davit) renamed variables. */
export function callerEnvironment(environment: Environment): Record<string, string> {
  const called: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined || OWN_VARIABLES.includes(name)) continue;
    called[name.startsWith(MOVED_PREFIX) ? name.slice(MOVED_PREFIX.length) : name] = value;
  }
  return called;
}

/** {@link callerEnvironment} in the form of environ(7): `NAME=value`. */
export const callerEnviron = (environment: Environment): string[] =>
  environ(callerEnvironment(environment));
