import { existsSync } from 'node:fs';
import type { Environment } from '../../config/environment.ts';
import type { LoadedPlugin } from './loaded-plugin.ts';

/** What the command line and the environment say about plugins. */
export interface PluginRequest {
  /** Values of --plugin: paths or packages. */
  given: readonly string[];
  /** Absolute path of the configuration file. */
  configFile: string | undefined;
  /** Milliseconds, for plugins to which the configuration file gives no timeout. */
  timeout: number | undefined;
  /** The working directory: base of relative values of --plugin. */
  directory: string;
  /** The caller's environment. */
  environment: Environment;
  /** Uids that may own files named by --plugin, in addition to root and the caller. */
  trustedOwners: readonly number[];
}

/** Loads the plugins of a command. Absent when there are none: then no plugin code is loaded. */
export type PluginLoader = () => Promise<readonly LoadedPlugin[]>;

/** Where and how davit was called. */
interface Caller {
  readonly environment: Environment;
  readonly cwd: string;
}

export function requestPlugins(
  given: readonly string[],
  caller: Caller,
  timeout?: number,
): PluginRequest | undefined {
  const { environment } = caller;
  const configFile = findConfigFile(environment);
  if (given.length === 0 && configFile === undefined) return undefined;
  const trustedOwners = sudoUser(environment);
  return { given, configFile, timeout, directory: caller.cwd, environment, trustedOwners };
}

/**
 * The user who ran `sudo davit --plugin ./mine.ts`: sudo(8). Only for --plugin: a configuration
 * file must belong to root or the caller.
 */
function sudoUser({ SUDO_UID }: Environment): number[] {
  return SUDO_UID !== undefined && /^\d+$/.test(SUDO_UID) ? [Number(SUDO_UID)] : [];
}

/** $DAVIT_CONFIG, where empty means no file; else the user's file, else the machine's. */
function findConfigFile({ DAVIT_CONFIG, XDG_CONFIG_HOME }: Environment): string | undefined {
  if (DAVIT_CONFIG !== undefined) return DAVIT_CONFIG || undefined;
  const users = XDG_CONFIG_HOME && `${XDG_CONFIG_HOME}/davit/config.json`;
  if (users && existsSync(users)) return users;
  return existsSync('/etc/davit/config.json') ? '/etc/davit/config.json' : undefined;
}
