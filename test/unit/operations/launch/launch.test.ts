import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { launchContext } from '../../../../src/operations/launch/launch.ts';
import { openSession } from '../../../../src/operations/session/open-session.ts';
import { connectToCaller } from '../../../../src/stages/state/connect-to-caller.ts';
import { loadConfig } from '../../../../src/stages/state/load-config.ts';
import { listenUnix, SOCK_STREAM } from '../../../../src/syscalls/network/socket.ts';

test('no fd is left if one of the caller’s two sockets refuses the connection', async (t) => {
  const bundle = mkdtempSync(join(tmpdir(), 'davit-launch-'));
  t.after(() => rmSync(bundle, { recursive: true }));
  writeFileSync(join(bundle, 'config.json'), '{ "process": { "terminal": true } }');
  const consoleSocket = join(bundle, 'console');
  const listening = listenUnix(SOCK_STREAM, consoleSocket);
  t.after(() => closeSync(listening));
  const request = {
    ...{
      root: bundle,
      environment: process.env,
      id: 'two-sockets',
      bundle,
      cgroupManager: 'cgroupfs' as const,
      rootless: false,
    },
    ...{ noPivot: false, noNewKeyring: false, preserveFds: 0, consoleSocket },
    pidfdSocket: join(bundle, 'none'),
  };
  const session = await openSession('create', request);
  const before = readdirSync('/proc/self/fd');
  const atEnd = new DisposableStack();
  const ctx = launchContext(request, session, atEnd);
  const configured = { ...ctx, ...loadConfig(ctx) };
  assert.throws(() => connectToCaller(configured), /--pidfd-socket .*: no such file or directory/);
  atEnd.dispose();
  assert.deepEqual(readdirSync('/proc/self/fd'), before);
});
