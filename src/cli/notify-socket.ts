import { RuntimeError } from '../errors/runtime-error.ts';

/**
 * Where a service manager listens, of which davit is a service of Type=notify: NOTIFY_SOCKET, an absolute
 * path or `@` and an abstract name (sd_notify(3)). Nothing where there is none.
 */
export function notifySocket({ NOTIFY_SOCKET: address }: NodeJS.ProcessEnv): {
  notifySocket?: string;
} {
  if (!address) return {};
  if (!/^(\/|@.)/.test(address)) {
    throw new RuntimeError(
      `NOTIFY_SOCKET is ${JSON.stringify(address)}: expected an absolute path, or @ and an abstract name`,
    );
  }
  return { notifySocket: address };
}
