import { systemBus, userBus } from './dbus/address.ts';
import { Connection } from './dbus/connection.ts';

/** Where systemd listens without a bus, to root alone. */
const PRIVATE = '/run/systemd/private';

/** A connection, with what its calls are addressed to: a bus has many names, systemd itself none. */
export interface Bus {
  connection: Connection;
  destination: string | undefined;
}

/** Connects to the bus that systemd is on; root does without one where there is none. */
export function openBus(user: boolean): Bus {
  const socket = user ? userBus(process.env) : systemBus(process.env);
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

/** A bus delivers nothing before Hello, and no signal that was not asked for. */
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
