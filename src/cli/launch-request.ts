import type { InferredFlags } from '@oclif/core/interfaces';
import type { launchFlags } from './flags.ts';
import { callersPath, type Invocation } from './invocation.ts';
import { notifySocket } from './notify-socket.ts';
import type { Settings } from './settings.ts';

/** The part of a request that `create` and `run` share. Paths are absolute. */
export async function launchRequest(
  id: string,
  flags: InferredFlags<typeof launchFlags>,
  settings: Settings,
  invocation: Invocation,
) {
  const { environment } = invocation;
  const path = pathOf(invocation);
  return {
    root: settings.root,
    id,
    environment,
    bundle: callersPath(invocation, flags.bundle ?? ''),
    ...path('configFile', flags.config),
    ...path('pidFile', flags['pid-file']),
    ...path('consoleSocket', flags['console-socket']),
    ...path('pidfdSocket', flags['pidfd-socket']),
    ...notifySocket(environment),
    noPivot: flags['no-pivot'] ?? false,
    noNewKeyring: flags['no-new-keyring'] ?? false,
    preserveFds: flags['preserve-fds'],
    cgroupManager: settings.cgroupManager,
    rootless: await settings.rootless(),
  };
}

/** Gives `{ [name]: absolute path }`, or `{}` when the flag was not given. */
export const pathOf =
  (invocation: Invocation) =>
  <Name extends string>(name: Name, given: string | undefined): { [K in Name]?: string } =>
    given ? ({ [name]: callersPath(invocation, given) } as { [K in Name]?: string }) : {};
