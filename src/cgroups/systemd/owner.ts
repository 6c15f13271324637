import { BUS, openBus, SYSTEMD } from './bus.ts';

/**
 * The uid, as the bus counts, of the owner of the user manager that the environment leads to; root
 * where it leads to none, as runc takes it. In a user namespace it tells Podman's, below an ordinary
 * user, from that of a container with a systemd of its own.
 */
export function userManagerOwner(): number {
  try {
    const { connection } = openBus(true);
    try {
      const question = { member: 'GetConnectionUnixUser', signature: 's', body: [SYSTEMD] };
      return connection.call({ ...BUS, ...question })[0] as number;
    } finally {
      connection.close();
    }
  } catch {
    return 0;
  }
}
