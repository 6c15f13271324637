import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { sendSeccompListener } from '../../../src/seccomp/listener.ts';
import { declare } from '../../../src/syscalls/ffi/libc.ts';
import {
  accept,
  listenUnix,
  receiveMessage,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  sendMessage,
  socketpair,
} from '../../../src/syscalls/network/socket.ts';
import { pidfdOpen } from '../../../src/syscalls/task/pidfd.ts';
import { needsRoot } from '../../support/bundle.ts';

const options = { skip: needsRoot };

let directory: string;

before(() => {
  directory = mkdtempSync(join(tmpdir(), 'davit-listener-'));
});
after(() => rmSync(directory, { recursive: true }));

const PROFILE = {
  defaultAction: 'SCMP_ACT_ALLOW',
  listenerPath: '/set by the test',
  syscalls: [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_NOTIFY' }],
};

const COMPILE = `
  import { compileSeccomp } from './src/seccomp/compile.ts';
  const seccomp = compileSeccomp(${JSON.stringify(PROFILE)});`;

/** With noNewPrivileges: the trampoline installs the filter and waits for the agent's answer. */
const BY_TRAMPOLINE = `
  import { buildTrampoline } from './src/init/trampoline/build-trampoline.ts';
  import { execTrampoline } from './src/init/trampoline/exec-trampoline.ts';
  import { inheritFds } from './src/init/trampoline/inherit-fds.ts';
  import { lastCalls } from './src/init/trampoline/last-calls.ts';
  import { seccompCalls } from './src/init/trampoline/seccomp-calls.ts';
  import { setNoNewPrivs } from './src/syscalls/task/prctl.ts';
  ${COMPILE}
  setNoNewPrivs();
  const last = lastCalls({ process: { user: {}, cwd: '/' }, reportFd: 3, procfs: -1,
    nofileLimit: { soft: 1024n, hard: 4096n } });
  const calls = [...last, ...seccompCalls(seccomp, 3)];
  inheritFds({ procfs: -1, preserveFds: 0, keptFds: [3] });
  execTrampoline(buildTrampoline({ calls, reportFd: 3,
    exec: { path: '/bin/busybox', argv: ['mkdir', '/proc/davit'], env: [] } }));`;

/** Without noNewPrivileges: init installs it, in JavaScript. */
const BY_INIT = `
  import { mkdirSync } from 'node:fs';
  import { InitChannel } from './src/init/channel/channel.ts';
  import { installSeccomp } from './src/stages/process/install-seccomp.ts';
  ${COMPILE}
  installSeccomp({ seccomp, spec: { process: {} }, channel: new InitChannel(3) });
  try { mkdirSync('/proc/davit'); } catch (error) { console.error(error.message); process.exit(1); }`;

for (const [who, source] of [
  ['the trampoline', BY_TRAMPOLINE],
  ['init', BY_INIT],
] as const) {
  test(`the agent gets the listener of a filter that ${who} installs`, options, async () => {
    const [ours, theirs] = socketpair(SOCK_SEQPACKET);
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', '--input-type=module-typescript', '-e', source],
      {
        cwd: fileURLToPath(new URL('../../..', import.meta.url)),
        stdio: ['ignore', 'ignore', 'pipe', theirs],
      },
    );
    closeSync(theirs);
    const closed = once(child, 'close');
    let stderr = '';
    child.stderr!.on('data', (chunk) => {
      stderr += chunk;
    });
    const agent = listenUnix(SOCK_STREAM, join(directory, `${who.slice(-4)}.sock`));

    const report = receiveMessage(ours, 64).bytes;
    assert.equal(report.length, 8, 'a report');
    const fd = -report.readInt32LE(4);
    assert.ok(fd > 2, 'of an fd');
    const pidfd = pidfdOpen(child.pid!);
    const state = { ociVersion: '1.3.0', id: 'c1', status: 'creating', bundle: '/b' } as const;
    sendSeccompListener({
      receiver: { path: join(directory, `${who.slice(-4)}.sock`), field: 'listenerPath' },
      metadata: 'of ours',
      pid: child.pid!,
      pidfd,
      fd,
      state,
    });

    const connection = accept(agent);
    const { bytes, fds } = receiveMessage(connection, 4096, 1);
    assert.deepEqual(JSON.parse(bytes.toString()), {
      ociVersion: '1.3.0',
      fds: ['seccompFd'],
      pid: child.pid,
      metadata: 'of ours',
      state,
    });
    sendMessage(ours, Buffer.from(JSON.stringify({ type: 'proceed' })));
    answerNextCall(fds[0]!, ENOTEMPTY);
    const [status] = await closed;
    assert.equal(status, 1);
    assert.match(stderr, /not empty/i, 'the errno that the agent chose');
    for (const open of [ours, agent, connection, pidfd, fds[0]!]) closeSync(open);
  });
}

const ENOTEMPTY = 39;
// linux/seccomp.h: SECCOMP_IOCTL_NOTIF_RECV and _SEND, of structs of 80 and 24 bytes.
const NOTIF_RECV = 0xc0502100;
const NOTIF_SEND = 0xc0182101;

const ioctl = declare<[number, number, Uint8Array]>(
  'int ioctl(int fd, unsigned long request, _Inout_ void *argument)',
);

/** Makes the call that waits at the listener fail with `errno`. */
function answerNextCall(listener: number, errno: number): void {
  const notification = Buffer.alloc(80);
  ioctl(listener, NOTIF_RECV, notification);
  const response = Buffer.alloc(24);
  notification.copy(response, 0, 0, 8); // id
  response.writeInt32LE(-errno, 16);
  ioctl(listener, NOTIF_SEND, response);
}
