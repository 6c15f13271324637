import { closeSync, constants } from 'node:fs';
import { constants as osConstants } from 'node:os';
import type { InitContext } from '../../context/init-context.ts';
import { InitChannel } from '../../init/channel/channel.ts';
import { awaitPacket } from '../../init/trampoline/await-packet.ts';
import { PREVIOUS_RESULT, type TrampolineCall } from '../../init/trampoline/build-trampoline.ts';
import type { KernelCalls } from '../../init/trampoline/kernel-calls.ts';
import { endBySignals } from '../../init/trampoline/signal-calls.ts';
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
 * Waits for `davit start`, which from then on is the runtime that init talks to. Meanwhile SIGHUP,
 * SIGINT, SIGQUIT and SIGTERM end init: as pid 1 without handlers it would ignore them.
 */
export function startWait(ctx: InitContext): void {
  ctx.channel.close();
  const signals = signalfd();
  for (;;) {
    const connection = new InitChannel(awaitConnection(ctx.inherited.notify, signals));
    // A connection that closes without a message is no start: wait for the next one.
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

/** Waits for a connection. Signals are read from `signals`: they are blocked since the fork. */
function awaitConnection(notify: number, signals: number): number {
  const connection = { fd: notify, events: POLLIN, revents: 0 };
  for (;;) {
    poll([connection, { fd: signals, events: POLLIN, revents: 0 }], -1);
    if (readSignals(signals).some(({ signal }) => DEADLY.includes(signal))) exitNow(1);
    if (connection.revents) return accept(notify);
  }
}

/** For an ordinary user's `davit exec`: after protectInit it may not open init's /proc/PID/ns. */
function sendNamespaces(connection: InitChannel, procfs: number): void {
  const own = openNamespaces((file) => openat(procfs, `self/ns/${file}`, constants.O_RDONLY));
  try {
    connection.send(
      { type: 'namespaces', types: own.map(([type]) => type) },
      own.map(([, fd]) => fd),
    );
  } catch {
    // The `exec` that asked is gone; init goes on waiting.
  } finally {
    for (const [, fd] of own) closeSync(fd);
  }
}

/**
 * {@link startWait} as calls of the trampoline: any packet is the turn, and the connection gets the
 * fd number of the channel.
 */
export function startWaitCalls({ inherited, channel: { fd } }: InitContext): KernelCalls {
  const { notify, fifos } = inherited;
  const keptFds = fifos ? [notify, fifos.turn, fd] : [notify];
  const prepare = [...keptFds.map(closedByExec), ...endBySignals()];
  if (fifos) return { keptFds, prepare, calls: [awaitPacket({ fd: fifos.turn })] };
  return {
    keptFds,
    prepare,
    calls: [
      { syscall: 'accept4', arguments: [{ fd: notify }, 0, 0, SOCK_CLOEXEC] },
      { syscall: 'dup3', arguments: [PREVIOUS_RESULT, { fd }, O_CLOEXEC] },
      awaitPacket({ fd }, -2),
    ],
  };
}

const closedByExec = (fd: number): TrampolineCall => ({
  syscall: 'fcntl',
  arguments: [{ fd }, F_SETFD, FD_CLOEXEC],
});
