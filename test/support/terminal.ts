import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, writeSync } from 'node:fs';
import type { TestContext } from 'node:test';
import {
  accept,
  listenUnix,
  receiveMessage,
  SOCK_STREAM,
} from '../../src/syscalls/network/socket.ts';
import { openPty, Session } from '../unit/process/pty.ts';
import type { Bundle } from './bundle.ts';

/**
 * Runs a command of the bundle's runtime at a new terminal. The test holds the terminal's other
 * end.
 */
export function atTerminal(t: TestContext, bundle: Bundle, ...args: string[]) {
  const { master, slave } = openPty();
  // setsid(1) makes it the controlling terminal, as a shell's terminal is.
  const child = spawn('setsid', ['--ctty', bundle.binary, '--root', bundle.root, ...args], {
    stdio: [slave, slave, slave],
    env: { PATH: process.env.PATH, TERM: 'xterm', DAVIT_TRACE_DIR: bundle.traces },
  });
  const ended = once(child, 'exit') as Promise<[number | null, string | null]>;
  const screen = new Session(master);
  t.after(async () => {
    child.kill('SIGKILL');
    await ended;
    // The session ends its reads from the master end when the last slave end is closed.
    closeSync(slave);
  });
  return { child, ended, screen, master, slave };
}

/** Receives the master end of a terminal on a console socket, as containerd's shim does. */
export class ConsoleReceiver {
  readonly path: string;
  readonly #fd: number;

  constructor(t: TestContext, path: string) {
    this.path = path;
    this.#fd = listenUnix(SOCK_STREAM, path);
    t.after(() => closeSync(this.#fd));
  }

  /** Waits for the terminal. */
  receive(t: TestContext): { screen: Session; type: (keys: string) => void } {
    const connection = accept(this.#fd);
    const { fds } = receiveMessage(connection, 4096, 1);
    closeSync(connection);
    const [master] = fds;
    if (master === undefined) throw new Error('no fd came with the message');
    const screen = new Session(master);
    // Closed only after the container has gone: the number could otherwise become another
    // terminal's.
    t.after(async () => {
      await screen.ended;
      closeSync(master);
    });
    return { screen, type: (keys) => void writeSync(master, keys) };
  }
}
