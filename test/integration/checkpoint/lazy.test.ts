import assert from 'node:assert/strict';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, readFileSync, readSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pipe2 } from '../../../src/syscalls/files/pipe.ts';
import { runCommand, startCommand } from '../../support/command.ts';
import { needsCriu, needsLazyPages } from '../../support/host/criu.ts';
import { has } from '../../support/host/has.ts';
import { waitFor } from '../../support/wait-for.ts';
import { Counter, succeed } from './counter.ts';

/** A port that nobody has. */
async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return String(port);
}

function startCriu(t: TestContext, ...args: string[]) {
  const child = startCommand('criu', args, { stdio: ['ignore', 'ignore', 'ignore'] });
  t.after(() => child.kill('SIGKILL'));
  return once(child, 'exit');
}

test('--page-server: memory goes to a page server', { skip: needsCriu }, async (t) => {
  const counter = new Counter(t);
  const { bundle, images } = counter;
  await counter.start();
  const received = join(bundle.dir, 'received');
  mkdirSync(received);
  const port = await freePort();
  const server = startCriu(
    t,
    ...['page-server', '--address', '127.0.0.1', '--port', port, '--images-dir', received],
  );
  const listens = () =>
    runCommand('sh', ['-c', `grep -q ':${hex(port)} 0*:0000 0A' /proc/net/tcp`]);
  await waitFor(() => listens().status === 0);
  succeed(counter.checkpoint('--page-server', `127.0.0.1:${port}`));
  assert.deepEqual(await server, [0, null]);
  const saved = counter.count();
  assert.ok(existsSync(join(received, 'pagemap-1.img')));
  assert.ok(!existsSync(join(images, 'pagemap-1.img')));
  assert.match(counter.restore().stderr, /restoreProcesses: criu failed/);
  succeed(runCommand('sh', ['-c', `mv '${received}'/page* '${images}'`]));
  succeed(counter.restore());
  await counter.countsOn(saved);
});

const hex = (port: string): string => Number(port).toString(16).toUpperCase().padStart(4, '0');

test('--lazy-pages: memory is fetched while the restored program runs', {
  skip: needsLazyPages,
}, async (t) => {
  const counter = new Counter(t);
  const { bundle, images } = counter;
  await counter.start();
  const port = await freePort();
  const work = join(bundle.dir, 'work');
  const [ready, status] = pipe2();
  const lazy = ['--lazy-pages', '--page-server', `127.0.0.1:${port}`, '--status-fd', '3'];
  const saving = bundle.startRuntime(
    { stdio: ['ignore', 'ignore', 'ignore', status] },
    ...['checkpoint', '--image-path', images, '--work-path', work, ...lazy, bundle.id],
  );
  const ended = once(saving, 'exit');
  closeSync(status);
  // A NUL byte, or the end of file if the checkpoint failed.
  const byte = Buffer.from('x');
  assert.equal(readSync(ready, byte), 1);
  assert.equal(byte[0], 0);
  closeSync(ready);
  const saved = counter.count();

  const server = ['--page-server', '--address', '127.0.0.1', '--port', port];
  const daemon = startCriu(
    t,
    ...['lazy-pages', ...server, '--images-dir', images, '--work-dir', work],
  );
  await waitFor(() => existsSync(join(work, 'lazy-pages.socket')));
  const id = `${bundle.id}-2`;
  const restore = ['--image-path', images, '--work-path', work, '--lazy-pages'];
  succeed(bundle.runtime('restore', '--detach', '--bundle', bundle.dir, ...restore, id));
  assert.deepEqual(await ended, [0, null]);
  assert.deepEqual(await daemon, [0, null]);
  await counter.countsOn(saved);
  succeed(bundle.runtime('delete', '--force', id));
});

test('--lazy-pages where criu may not have its pipes', {
  skip: needsCriu || (has('setpriv') ? limitAbove4MiB() : 'needs setpriv'),
}, async (t) => {
  const counter = new Counter(t);
  const { bundle, images } = counter;
  await counter.start();
  const lazy = ['--lazy-pages', '--page-server', '127.0.0.1:1', '--image-path', images];
  const { status, stderr } = bundle.command(
    ...['setpriv', '--bounding-set', '-sys_resource', bundle.binary, '--root', bundle.root],
    ...['checkpoint', ...lazy, bundle.id],
  );
  assert.equal(status, 1);
  assert.match(stderr, /--lazy-pages: criu needs pipes of 4194304 bytes.*hint: .*pipe-max-size/);
  assert.ok(!existsSync(images));
  await counter.countsOn(counter.count());
});

function limitAbove4MiB(): string | false {
  const limit = Number(readFileSync('/proc/sys/fs/pipe-max-size', 'latin1'));
  return limit < 4 << 20 ? false : 'needs a lower fs.pipe-max-size';
}
