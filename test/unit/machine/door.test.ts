import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readlinkSync,
  readSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { elf64 } from '../../../src/init/trampoline/elf.ts';
import type { MachineArch } from '../../../src/machine/assembler.ts';
import {
  ANSWER,
  ANY_CHILD,
  DOOR_FDS,
  EXIT,
  FORK,
  FORK_OPTIONS,
  JOIN,
  TOLD,
  TOLD_KIND,
} from '../../../src/machine/front/door.ts';
import { frontProgram } from '../../../src/machine/front/front.ts';
import { readRequest } from '../../../src/server/request.ts';
import { pipe2 } from '../../../src/syscalls/files/pipe.ts';
import {
  accept,
  listenUnix,
  receiveMessage,
  SOCK_SEQPACKET,
  sendMessage,
  socketpair,
} from '../../../src/syscalls/network/socket.ts';
import { POLLIN, poll } from '../../../src/syscalls/poll/poll.ts';
import { pidfdOpen } from '../../../src/syscalls/task/pidfd.ts';
import { has } from '../../support/host/has.ts';
import { patience } from '../../support/patience.ts';

/* Tests the front's door against a server of the test, which gives the answers that a test sets. */

const EMULATORS = { x64: 'qemu-x86_64-static', arm64: 'qemu-aarch64-static' };
const BUILD = 'build-test';
const LOADER = `require('node:fs').writeSync(1, 'cold');`;

const settings = {
  ...{ build: BUILD, loader: 'loader.cjs', flags: ['--no-warnings'] },
  ...{ moved: ['LD_PRELOAD'], prefix: 'CALLER_', nofile: 'TOLD_NOFILE' },
};

const header = (kind: number, value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(kind, 0);
  bytes.writeUInt32LE(value, 4);
  return bytes;
};
const output = (fd: number, text: string): Buffer =>
  Buffer.concat([header(ANSWER.output, fd), Buffer.from(text)]);
/** A FORK without namespaces. The child keeps fds up to 5. */
function forkMessage(options: number): Buffer {
  const text = Buffer.alloc(FORK.size);
  text.writeBigUInt64LE(CLONE_PIDFD, FORK.flags);
  text.writeUInt32LE(5, FORK.firstFd);
  text.writeUInt32LE(options, FORK.options);
  return Buffer.concat([header(ANSWER.fork, 0), text]);
}
const CLONE_PIDFD = 0x1000n;

interface Told {
  kind: number;
  value: number;
  pid: number;
  fds: number;
}

/** Receives the front's next message. */
function hear(socket: number): Told {
  const { bytes, fds } = receiveMessage(socket, TOLD.size, 1);
  for (const fd of fds) closeSync(fd);
  const [kind, value, pid] = [TOLD.kind, TOLD.value, TOLD.pid].map((at) => bytes.readInt32LE(at));
  return { kind: kind!, value: value!, pid: pid!, fds: fds.length };
}
const exit = (status: number, reaped = ANY_CHILD): Buffer => {
  const text = Buffer.alloc(EXIT.size);
  text.writeInt32LE(reaped, EXIT.reaped);
  return Buffer.concat([header(ANSWER.exit, status), text]);
};

/** A front installed beside a loader, and the socket to which it connects. */
class Door {
  readonly directory: string;
  readonly socket: string;
  readonly listening: number;
  readonly #command: string[];

  constructor(t: TestContext, arch: MachineArch) {
    this.directory = mkdtempSync(join(tmpdir(), 'davit-door-'));
    this.socket = join(this.directory, 'socket');
    const front = join(this.directory, 'davit');
    writeFileSync(join(this.directory, settings.loader), LOADER);
    writeFileSync(front, elf64(arch, frontProgram(arch, settings).code));
    chmodSync(front, 0o755);
    symlinkSync(process.execPath, join(this.directory, 'node'));
    this.#command = process.arch === arch ? [front] : [EMULATORS[arch], front];
    this.listening = listenUnix(SOCK_SEQPACKET, this.socket);
    t.after(() => {
      closeSync(this.listening);
      rmSync(this.directory, { recursive: true });
    });
  }

  /** Starts the front and answers its request. Returns the request and the front's output. */
  async ask(
    args: string[],
    answer: (socket: number, permit: number, pid: number) => void,
    env: Record<string, string> = {},
  ) {
    const [file, ...before] = this.#command;
    const child = spawn(file!, [...before, ...args], {
      cwd: this.directory,
      env: { DAVIT_SERVER: this.socket, ...env },
    });
    const socket = accept(this.listening);
    const received = receiveMessage(socket, 300_000, DOOR_FDS.length);
    const request = readRequest(received, BUILD);
    assert.ok(request, received.bytes.toString());
    const cwd = readlinkSync(`/proc/self/fd/${request.fds.cwd}`);
    answer(socket, request.fds.permit, child.pid!);
    for (const fd of received.fds) closeSync(fd);
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => (stdout += chunk));
    child.stderr.on('data', (chunk) => (stderr += chunk));
    const closed = once(child, 'close');
    const [status] = await closed;
    closeSync(socket);
    return { request, cwd, done: [status, stdout, stderr] };
  }
}

/** Has a child write into a pipe as into a cgroup's file, and join a namespace of another type. */
function joinTwice(child: number): (number | string)[] {
  const [reader, writer] = pipe2();
  const namespace = openSync('/proc/self/ns/net', 'r');
  const found: (number | string)[] = [];
  for (const [flag, fd] of [
    [0, writer],
    [CLONE_NEWUTS, namespace],
  ] as const) {
    const text = Buffer.alloc(JOIN.size);
    text.write('0', JOIN.self);
    text.writeUInt32LE(flag, JOIN.flag);
    sendMessage(child, text, [fd]);
    closeSync(fd);
    found.push(Number(receiveMessage(child, JOIN.answerSize).bytes.readBigInt64LE()));
    if (flag === 0) found.push(readFileSync(reader, 'utf8'));
  }
  closeSync(reader);
  return found;
}
const CLONE_NEWUTS = 0x04000000;

const take = (permit: number): number => readSync(permit, Buffer.alloc(8));

for (const arch of ['x64', 'arm64'] as const) {
  const skip = process.arch !== arch && !has(EMULATORS[arch]) && `needs ${EMULATORS[arch]}`;
  suite(`the door of ${arch}`, { skip }, () => {
    test('the server gets arguments, environment, directory, umask and a limit', async (t) => {
      const door = new Door(t, arch);
      const env = { A: '', B: 'x=y', LONG: 'l'.repeat(20_000) };
      for (const args of [[], ['a', '', 'ä', '--b=c d']]) {
        const { request, cwd } = await door.ask(
          args,
          (socket) => sendMessage(socket, exit(0)),
          env,
        );
        assert.deepEqual(request.args, args);
        const { LONG, ...others } = request.environment;
        assert.equal(LONG?.length, env.LONG.length);
        assert.deepEqual(others, { DAVIT_SERVER: door.socket, A: '', B: 'x=y' });
        assert.equal(cwd, door.directory);
        assert.equal(request.numbers.umask, BigInt(process.umask()));
        assert.ok(request.numbers.softNoFile <= request.numbers.hardNoFile);
      }
    });

    test("the front writes the server's output, and exits with the given status", async (t) => {
      const long = 'o'.repeat(16_384);
      const { done } = await new Door(t, arch).ask(['x'], (socket, permit) => {
        take(permit);
        for (const text of [output(1, long), output(2, 'e'), output(1, '.'), exit(77)]) {
          sendMessage(socket, text);
        }
      });
      assert.deepEqual(done, [77, `${long}.`, 'e']);
    });

    test('the front forks a child that executes a program, and reports its end', async (t) => {
      const door = new Door(t, arch);
      writeFileSync(join(door.directory, 'init'), 'echo "$1"; cat <&9; exit 5');
      const told: Told[] = [];
      const joins: unknown[] = [];
      const { done } = await door.ask(['x'], (socket, permit) => {
        take(permit);
        const [ours, theirs] = socketpair(SOCK_SEQPACKET);
        sendMessage(socket, forkMessage(FORK_OPTIONS.blockSignals), [theirs, theirs]);
        closeSync(theirs);
        const first = hear(socket);
        told.push(first);
        if (first.value > 0) {
          joins.push(...joinTwice(ours));
          const [reader, writer] = pipe2();
          writeSync(writer, 'passed');
          closeSync(writer);
          const shell = openSync('/bin/sh', 'r');
          sendMessage(ours, Buffer.from('davit\0init\0the-id\0'), [shell, shell, shell, reader]);
          for (const fd of [reader, shell]) closeSync(fd);
        }
        closeSync(ours);
        sendMessage(socket, header(ANSWER.supervise, 0));
        if (first.value > 0) told.push(hear(socket));
        sendMessage(socket, exit(7));
      });
      const [forked, ended] = told;
      if (forked!.value === -constants.errno.ENOSYS) {
        // The emulator lacks clone3.
        assert.deepEqual(done, [7, '', '']);
        return;
      }
      assert.equal(forked!.fds, 1);
      assert.deepEqual(ended, { kind: TOLD_KIND.ended, value: 5 << 8, pid: forked!.value, fds: 0 });
      assert.deepEqual(done, [7, 'the-id\npassed', '']);
      assert.deepEqual(joins, [1, '0', -constants.errno.EINVAL]);
    });

    test('the front reaps one child, and tells of one that it does not have', async (t) => {
      const told: Told[] = [];
      const { done } = await new Door(t, arch).ask(['x'], (socket, permit) => {
        take(permit);
        const reap = (pid: number) => {
          sendMessage(socket, header(ANSWER.reap, pid));
          told.push(hear(socket));
        };
        reap(1);
        const [ours, theirs] = socketpair(SOCK_SEQPACKET);
        sendMessage(socket, forkMessage(0), [theirs, theirs]);
        closeSync(theirs);
        const { value: pid } = hear(socket);
        closeSync(ours);
        if (pid > 0) {
          const pidfd = pidfdOpen(pid);
          poll([{ fd: pidfd, events: POLLIN, revents: 0 }], patience(1000));
          closeSync(pidfd);
          reap(pid);
          assert.deepEqual(told[1], { kind: TOLD_KIND.ended, value: 1 << 8, pid, fds: 0 });
        }
        sendMessage(socket, exit(0));
      });
      assert.equal(told[0]!.pid, -constants.errno.ECHILD);
      assert.deepEqual(done, [0, '', '']);
    });

    test('the front reports signals', async (t) => {
      const door = new Door(t, arch);
      let told: Told | undefined;
      const { done } = await door.ask(['x'], (socket, permit, pid) => {
        take(permit);
        const [ours, theirs] = socketpair(SOCK_SEQPACKET);
        sendMessage(socket, forkMessage(FORK_OPTIONS.blockSignals), [theirs, theirs]);
        hear(socket);
        sendMessage(socket, header(ANSWER.supervise, 0));
        process.kill(pid, 'SIGTERM');
        told = hear(socket);
        for (const fd of [ours, theirs]) closeSync(fd);
        sendMessage(socket, exit(3));
      });
      assert.deepEqual(told, { kind: TOLD_KIND.signal, value: 15, pid: process.pid, fds: 0 });
      assert.deepEqual(done, [3, '', '']);
    });

    test('the front runs without a server that declines, hangs up, is slow, or talks nonsense', async (t) => {
      const door = new Door(t, arch);
      const answers: ((socket: number) => void)[] = [
        (socket) => sendMessage(socket, header(ANSWER.cold, 0)),
        (socket) => sendMessage(socket, Buffer.from('x')),
        () => {},
      ];
      for (const answer of answers) {
        assert.deepEqual((await door.ask(['x'], answer)).done, [0, 'cold', '']);
      }
    });

    test('if the server is lost during a command: one line, and no second run', async (t) => {
      const { done } = await new Door(t, arch).ask(['x'], (socket, permit) => {
        take(permit);
        sendMessage(socket, Buffer.from('x'));
      });
      assert.deepEqual(done, [
        1,
        '',
        'davit: the server ended during this command, which may be half done\n',
      ]);
    });
  });
}
