import { closeSync, constants } from 'node:fs';
import { constants as osConstants } from 'node:os';
import { Channel } from '../../init/channel/channel.ts';
import { awaitPacket } from '../../init/trampoline/await-packet.ts';
import { PREVIOUS_RESULT, type TrampolineCall } from '../../init/trampoline/build-trampoline.ts';
import type { KernelCalls } from '../../init/trampoline/kernel-calls.ts';
import { endBySignals } from '../../init/trampoline/signal-calls.ts';
import type { InitContext } from '../../lifecycle/context.ts';
import { openNamespaces } from '../../namespaces/namespaces-of-init.ts';
import { F_SETFD, FD_CLOEXEC } from '../../syscalls/files/fcntl.ts';
import { O_CLOEXEC, openat } from '../../syscalls/files/file.ts';
import { accept, SOCK_CLOEXEC } from '../../syscalls/network/socket.ts';
import { POLLIN, poll } from '../../syscalls/poll/poll.ts';
import { readSignals, signalfd } from '../../syscalls/signal/signalfd.ts';
import { exitNow } from '../../syscalls/task/process.ts';

const { SIGHUP, SIGINT, SIGQUIT, SIGTERM } = osConstants.signals;
const DEADLY: readonly number[] = [SIGHUP, SIGINT, SIGQUIT, SIGTERM];

/**
 * Waits for `davit start`, which from here on is the runtime that init talks to. The signals by which
 * people end a program end init meanwhile: as pid 1 it would notice none but SIGKILL.
 */
export function startWait(ctx: InitContext): void {
  ctx.channel.close();
  const signals = signalfd();
  for (;;) {
    const connection = new Channel(awaitConnection(ctx.inherited.notify, signals));
    // One that goes away without a word was no start, or did not live to ask for it.
    const type = connection.receive()?.type;
    if (type === 'turn') {
      ctx.channel = connection;
      break;
    }
    if (type === 'namespaces') sendNamespaces(connection, ctx.procfs);
    connection.close();
  }
  closeSync(signals);
}

/** Signals have been blocked since the fork. */
function awaitConnection(notify: number, signals: number): number {
  const connection = { fd: notify, events: POLLIN, revents: 0 };
  for (;;) {
    poll([connection, { fd: signals, events: POLLIN, revents: 0 }], -1);
    if (readSignals(signals).some(({ signal }) => DEADLY.includes(signal))) exitNow(1);
    if (connection.revents) return accept(notify);
  }
}

/** For `davit exec` of an ordinary user, who may not look into a Node that protectInit protects. */
function sendNamespaces(connection: Channel, procfs: number): void {
  const own = openNamespaces((file) => openat(procfs, `self/ns/${file}`, constants.O_RDONLY));
  try {
    connection.send(
      { type: 'namespaces', types: own.map(([type]) => type) },
      own.map(([, fd]) => fd),
    );
  } catch {
    // Whoever asked is gone; init goes on waiting.
  } finally {
    for (const [, fd] of own) closeSync(fd);
  }
}

/** {@link startWait}: a word of any length is the turn. A connection takes the channel's number. */
export function startWaitCalls({ inherited, channel: { fd } }: InitContext): KernelCalls {
  const { notify, fifos } = inherited;
  const keep = fifos ? [notify, fifos.turn, fd] : [notify];
  const prepare = [...keep.map(closedByExec), ...endBySignals()];
  if (fifos) return { keep, prepare, calls: [awaitPacket(fifos.turn)] };
  return {
    keep,
    prepare,
    calls: [
      { syscall: 'accept4', arguments: [notify, 0, 0, SOCK_CLOEXEC] },
      { syscall: 'dup3', arguments: [PREVIOUS_RESULT, fd, O_CLOEXEC] },
      awaitPacket(fd, -2),
    ],
  };
}

const closedByExec = (fd: number): TrampolineCall => ({
  syscall: 'fcntl',
  arguments: [fd, F_SETFD, FD_CLOEXEC],
});
