import type { Environment } from '../../config/environment.ts';
import type { EventLoop } from '../../syscalls/poll/event-loop.ts';
import { systemBus, userBus } from './dbus/address.ts';
import { Connection } from './dbus/connection.ts';

/** systemd's own socket, for root only, for when no bus runs. */
const PRIVATE = '/run/systemd/private';

/** A connection. `destination` is systemd's name on a bus; undefined on systemd's own socket. */
export interface Bus {
  connection: Connection;
  destination: string | undefined;
}

/** Who talks to systemd. */
export interface BusCaller {
  /** The caller's environment, which names the bus. */
  environment: Environment;
  /** Where to wait for answers. Absent in a process that runs one command. */
  eventLoop?: EventLoop | undefined;
}

/** Which manager: a user's (`user`) or the system's. */
export interface ManagerSelection extends BusCaller {
  user: boolean;
}

/** Connects to the bus that systemd is on. Without a bus, root connects to systemd's own socket. */
export async function openBus({ user, environment, eventLoop }: ManagerSelection): Promise<Bus> {
  const socket = user ? userBus(environment) : systemBus(environment);
  try {
    return await greet(await Connection.open(socket, eventLoop));
  } catch (error) {
    if (user || process.geteuid!() !== 0) throw error;
    try {
      return { connection: await Connection.open(PRIVATE, eventLoop), destination: undefined };
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
async function greet(connection: Connection): Promise<Bus> {
  try {
    await connection.call({ ...BUS, member: 'Hello' });
    const match = `type='signal',sender='${SYSTEMD}',interface='${SYSTEMD}.Manager',member='JobRemoved'`;
    await connection.call({ ...BUS, member: 'AddMatch', signature: 's', body: [match] });
    return { connection, destination: SYSTEMD };
  } catch (error) {
    connection.close();
    throw error;
  }
}
