import type { Environment } from '../../config/environment.ts';
import { BUS, openBus, SYSTEMD } from './bus.ts';

/**
 * The uid, in the bus's user namespace, of the systemd user manager that the environment names;
 * root without one, as in runc. In a user namespace this tells Podman run by an ordinary user from
 * a container with a systemd of its own.
 */
export async function userManagerOwner(environment: Environment): Promise<number> {
  try {
    const { connection } = await openBus({ user: true, environment });
    try {
      const question = { member: 'GetConnectionUnixUser', signature: 's', body: [SYSTEMD] };
      return (await connection.call({ ...BUS, ...question }))[0] as number;
    } finally {
      connection.close();
    }
  } catch {
    return 0;
  }
}
