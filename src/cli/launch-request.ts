import { resolve } from 'node:path';
import { notifySocket } from './notify-socket.ts';
import type { Settings } from './settings.ts';

/** The values of launchFlags, as oclif parses them. */
export interface LaunchFlags {
  bundle?: string | undefined;
  config?: string | undefined;
  'console-socket'?: string | undefined;
  'pidfd-socket'?: string | undefined;
  'pid-file'?: string | undefined;
  'no-pivot': boolean;
  'no-new-keyring': boolean;
  'preserve-fds': number;
}

/** The part of a request that `create` and `run` share. Paths are absolute. */
export function launchRequest(id: string, flags: LaunchFlags, settings: Settings) {
  return {
    root: settings.root,
    id,
    environment: process.env,
    bundle: resolve(flags.bundle ?? ''),
    ...path('configFile', flags.config),
    ...path('pidFile', flags['pid-file']),
    ...path('consoleSocket', flags['console-socket']),
    ...path('pidfdSocket', flags['pidfd-socket']),
    ...notifySocket(process.env),
    noPivot: flags['no-pivot'] ?? false,
    noNewKeyring: flags['no-new-keyring'] ?? false,
    preserveFds: flags['preserve-fds'],
    cgroupManager: settings.cgroupManager,
    rootless: settings.rootless(),
  };
}

/** `{ [name]: absolute path }`, or `{}` when the flag was not given. */
export function path<Name extends string>(
  name: Name,
  given: string | undefined,
): { [K in Name]?: string } {
  return given ? ({ [name]: resolve(given) } as { [K in Name]?: string }) : {};
}
