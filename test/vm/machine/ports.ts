import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Unix sockets that QEMU connects to, one for each name, in their own directory. */
export class Ports {
  readonly dir = mkdtempSync(join(tmpdir(), 'vm-'));
  readonly #sockets = new Map<string, Promise<Socket>>();
  readonly #servers: Server[] = [];

  /** The path of the listening socket. */
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

  /** Resolves with QEMU's connection. */
  connection(name: string): Promise<Socket> {
    return this.#sockets.get(name)!;
  }

  close(): void {
    for (const server of this.#servers) server.close();
    rmSync(this.dir, { recursive: true, force: true });
  }
}
