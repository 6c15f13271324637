import { existsSync } from 'node:fs';
import type { Environment } from '../../../config/environment.ts';
import { RuntimeError } from '../../../errors/runtime-error.ts';

/** The first `unix:path=` in a D-Bus address: D-Bus specification, "Server Addresses". */
export function socketOf(address: string): string {
  for (const one of address.split(';')) {
    const path = /^unix:(?:.*,)?path=([^,]*)/.exec(one)?.[1];
    if (path !== undefined) return decodeURIComponent(path);
  }
  throw new RuntimeError(`no unix:path= in the D-Bus address ${JSON.stringify(address)}`);
}

/** The socket of the system bus. */
export const systemBus = ({ DBUS_SYSTEM_BUS_ADDRESS: address }: Environment): string =>
  address ? socketOf(address) : '/run/dbus/system_bus_socket';

/** The socket of the caller's session bus, on which systemd's user manager is. */
export function userBus({ DBUS_SESSION_BUS_ADDRESS, XDG_RUNTIME_DIR }: Environment): string {
  if (DBUS_SESSION_BUS_ADDRESS) return socketOf(DBUS_SESSION_BUS_ADDRESS);
  const socket = `${XDG_RUNTIME_DIR}/bus`;
  if (XDG_RUNTIME_DIR && existsSync(socket)) return socket;
  throw new RuntimeError(
    'could not detect DBUS_SESSION_BUS_ADDRESS from the environment; make sure you have installed the ' +
      'dbus-user-session or dbus-daemon package; note you may need to re-login',
  );
}
