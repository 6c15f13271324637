import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Unix sockets that QEMU connects to, one a name, in a directory of their own. */
export class Ports {
  readonly dir = mkdtempSync(join(tmpdir(), 'vm-'));
  readonly #sockets = new Map<string, Promise<Socket>>();
  readonly #servers: Server[] = [];

  /** The path of the socket, which listens. */
  async listen(name: string): Promise<string> {
    const path = join(this.dir, name);
    const server = createServer();
    this.#servers.push(server);
    this.#sockets.set(
      name,
      once(server, 'connection').then(([socket]) => socket as Socket),
    );
    server.listen(path);
    await once(server, 'listening');
    return path;
  }

  /** The connection of QEMU. */
  connection(name: string): Promise<Socket> {
    return this.#sockets.get(name)!;
  }

  close(): void {
    for (const server of this.#servers) server.close();
    rmSync(this.dir, { recursive: true, force: true });
  }
}
