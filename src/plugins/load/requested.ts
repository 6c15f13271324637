import { existsSync } from 'node:fs';
import type { LoadedPlugin } from './loaded-plugin.ts';

/** What the command line and the environment say about plugins. */
export interface PluginRequest {
  /** Values of --plugin: paths or packages. */
  given: readonly string[];
  /** Absolute path of the configuration file. */
  configFile: string | undefined;
  /** Milliseconds, for those of which the configuration file says nothing else. */
  timeout: number | undefined;
  /** Uids, beside root's and the caller's own, that files named by --plugin may belong to. */
  givenOwners: readonly number[];
}

/** Loads the plugins of a command; absent when there are none, and nothing of it is loaded then. */
export type PluginLoader = () => Promise<readonly LoadedPlugin[]>;

export function requestPlugins(
  given: readonly string[],
  environment: NodeJS.ProcessEnv,
  timeout?: number,
): PluginRequest | undefined {
  const configFile = findConfigFile(environment);
  if (given.length === 0 && configFile === undefined) return undefined;
  return { given, configFile, timeout, givenOwners: sudoUser(environment) };
}

/** Who typed `sudo davit --plugin ./mine.ts`: sudo(8). A configuration file is not taken from an environment so far. */
function sudoUser({ SUDO_UID }: NodeJS.ProcessEnv): number[] {
  return SUDO_UID !== undefined && /^\d+$/.test(SUDO_UID) ? [Number(SUDO_UID)] : [];
}

/** $DAVIT_CONFIG, which turns the others off where it is empty, else the user's, else the machine's. */
function findConfigFile({ DAVIT_CONFIG, XDG_CONFIG_HOME }: NodeJS.ProcessEnv): string | undefined {
  if (DAVIT_CONFIG !== undefined) return DAVIT_CONFIG || undefined;
  const users = XDG_CONFIG_HOME && `${XDG_CONFIG_HOME}/davit/config.json`;
  if (users && existsSync(users)) return users;
  return existsSync('/etc/davit/config.json') ? '/etc/davit/config.json' : undefined;
}
