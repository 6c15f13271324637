import { closeSync } from 'node:fs';
import { connectCallerSocket } from '../caller/caller-socket.ts';
import { RuntimeError } from '../errors/runtime-error.ts';
import { receiveMessage, sendMessage } from '../syscalls/network/socket.ts';

/** The message that carries the master end: the path it was opened by. Callers only log it. */
const MESSAGE = '/dev/pts/ptmx';
const MAX_MESSAGE = 4096;

interface TerminalRequest {
  /** `process.terminal`, or `exec`'s --tty. */
  terminal: boolean;
  /** True for `create`, and with --detach. */
  detach: boolean;
  /** --console-socket. */
  consoleSocket?: string | undefined;
  /** True where the caller has such a socket already. */
  connected?: boolean;
}

/** Refuses a detached terminal without console socket, and a console socket without one. */
export function checkTerminal(request: TerminalRequest): void {
  const { terminal, detach, consoleSocket, connected = false } = request;
  if (detach && terminal && !consoleSocket && !connected) {
    throw new RuntimeError(
      'cannot allocate tty if davit will detach without setting console socket',
      'give --console-socket, or set process.terminal to false in config.json',
    );
  }
  if (consoleSocket && !(detach && terminal)) {
    throw new RuntimeError(
      'cannot use console socket if davit will not detach or allocate tty',
      'leave out --console-socket: it is for a process with a terminal (process.terminal, exec --tty) that davit create or --detach leaves running',
    );
  }
}

/** Connects to the caller's --console-socket. */
export function connectConsoleSocket(path: string): number {
  return connectCallerSocket('--console-socket', path);
}

/** Sends the master end of a terminal: one message, one fd. */
export function sendTerminal(socket: number, master: number): void {
  sendMessage(socket, Buffer.from(MESSAGE), [master]);
}

/** Waits for the master end that {@link sendTerminal} sends. */
export function receiveTerminal(socket: number): number {
  const { fds } = receiveMessage(socket, MAX_MESSAGE, 1);
  const [master, ...others] = fds;
  for (const fd of others) closeSync(fd);
  if (master === undefined) throw new Error('init closed the console socket without a terminal');
  return master;
}
