import type { Environment } from '../../config/environment.ts';
import { systemBus, userBus } from './dbus/address.ts';
import { Connection } from './dbus/connection.ts';

/** systemd's own socket, for root only, for when no bus runs. */
const PRIVATE = '/run/systemd/private';

/** A connection. `destination` is systemd's name on a bus; undefined on systemd's own socket. */
export interface Bus {
  connection: Connection;
  destination: string | undefined;
}

/** Connects to the bus that systemd is on. Without a bus, root connects to systemd's own socket. */
export function openBus(user: boolean, environment: Environment): Bus {
  const socket = user ? userBus(environment) : systemBus(environment);
  try {
    return greet(new Connection(socket));
  } catch (error) {
    if (user || process.geteuid!() !== 0) throw error;
    try {
      return { connection: new Connection(PRIVATE), destination: undefined };
    } catch {
      throw error;
    }
  }
}

export const SYSTEMD = 'org.freedesktop.systemd1';

/** The bus' own object. */
export const BUS = {
  destination: 'org.freedesktop.DBus',
  path: '/org/freedesktop/DBus',
  interface: 'org.freedesktop.DBus',
};

/** A bus delivers nothing before Hello, and only signals that were asked for with AddMatch. */
function greet(connection: Connection): Bus {
  try {
    connection.call({ ...BUS, member: 'Hello' });
    const match = `type='signal',sender='${SYSTEMD}',interface='${SYSTEMD}.Manager',member='JobRemoved'`;
    connection.call({ ...BUS, member: 'AddMatch', signature: 's', body: [match] });
    return { connection, destination: SYSTEMD };
  } catch (error) {
    connection.close();
    throw error;
  }
}
