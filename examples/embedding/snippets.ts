import { mkdtempSync, rmSync, writeSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Davit, ProgramInterrupted } from 'davit';
import { defaultSpec } from '../../src/config/default-spec.ts';
import { hostRootfs } from '../../src/plugins/testing/host-rootfs.ts';

/*
 * A web server that runs shell scripts of strangers: each in a container of its own, as nobody,
 * without a network, with limits and a timeout. After `npm run build`, as root, with any Node:
 *
 *     node examples/embedding/snippets.ts [PORT]
 *     curl --data 'echo hello' localhost:PORT
 */

const TIMEOUT = 2000;
const MAX_SCRIPT = 10_000;

const bundle = mkdtempSync(join(tmpdir(), 'davit-snippets-'));
const spec = defaultSpec();
spec.mounts = [...(spec.mounts ?? []), ...hostRootfs(join(bundle, 'rootfs'))];
spec.process!.capabilities = {};
spec.process!.noNewPrivileges = true;
spec.linux!.resources = {
  ...spec.linux!.resources,
  memory: { limit: 64 * 1024 * 1024 },
  pids: { limit: 32 },
};

const davit = new Davit({ server: 'own' });
const pool = davit.pool({ bundle, spec, user: '65534:65534', size: 4 });

const server = createServer(async (request, response) => {
  const { status, body } = await answer(request);
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(body)}\n`);
});
server.listen(Number(process.argv[2] ?? 0), 'localhost', () => {
  writeSync(1, `http://localhost:${(server.address() as AddressInfo).port}\n`);
});
process.once('SIGTERM', async () => {
  server.close();
  await davit.close();
  rmSync(bundle, { recursive: true });
});

async function answer(request: IncomingMessage): Promise<{ status: number; body: unknown }> {
  try {
    const script = await text(request);
    if (script.length > MAX_SCRIPT) return { status: 413, body: { error: 'too long' } };
    const limits = { timeout: TIMEOUT, maxBuffer: 100_000 };
    return { status: 200, body: await pool.run(['sh'], { input: script, ...limits }) };
  } catch (error) {
    if (!(error instanceof ProgramInterrupted))
      return { status: 500, body: { error: String(error) } };
    return { status: 422, body: { error: error.message, ...error.result } };
  }
}
