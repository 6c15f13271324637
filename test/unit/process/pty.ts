import { type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, read, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { NODE_FLAGS } from '../../../src/node-flags.ts';
import { O_PATH } from '../../../src/syscalls/files/file.ts';
import { createTerminal } from '../../../src/terminal/terminal.ts';
import { patience } from '../../support/patience.ts';

const PROGRAM = join(import.meta.dirname, 'foreground-program.ts');

/** A terminal in the machine's devpts, 33 rows by 101 columns. */
export function openPty() {
  const rootFd = openSync('/', O_PATH);
  const procfs = openSync('/proc', O_PATH);
  try {
    return createTerminal({ rootFd, procfs, uid: 0, size: { rows: 33, columns: 101 } });
  } finally {
    closeSync(rootFd);
    closeSync(procfs);
  }
}

/** Runs foreground-program.ts at a new terminal. The test holds the other end. */
export function inTerminal(t: TestContext, ...argv: string[]) {
  const { master, slave } = openPty();
  const child = start(t, ['--terminal', ...argv], [slave, slave, slave]);
  // The session ends its reads from the master end when the last slave end is closed.
  t.after(() => closeSync(slave));
  return { ...child, master, slave, session: new Session(master) };
}

/** Runs foreground-program.ts with a terminal as its stderr only. */
export function onStderr(t: TestContext, ...argv: string[]) {
  const { slave, master } = openPty();
  const { child, ended } = start(t, ['--terminal', ...argv], ['pipe', 'pipe', slave]);
  closeSync(slave);
  t.after(() => closeSync(master));
  return { child, ended, output: new Transcript(child.stdout!) };
}

/** Runs foreground-program.ts with pipes. */
export function inPipes(t: TestContext, ...argv: string[]) {
  const { child, ended } = start(t, argv, 'pipe');
  return { child, ended, output: new Transcript(child.stdout!) };
}

function start(t: TestContext, argv: string[], stdio: StdioOptions) {
  const child = spawn(process.execPath, [...NODE_FLAGS, PROGRAM, ...argv], { stdio });
  const ended = once(child, 'exit') as Promise<[number | null, string | null]>;
  t.after(() => child.kill('SIGKILL'));
  return { child, ended };
}

/** Collects the text that was read, and waits for a text in it. */
abstract class Reader {
  text = '';
  #waiting: (() => void)[] = [];

  protected add(bytes: Buffer | string): void {
    this.text += bytes.toString('latin1');
    for (const wake of this.#waiting.splice(0)) wake();
  }

  async until(found: (text: string) => boolean, what: string): Promise<void> {
    const deadline = Date.now() + patience(10_000);
    while (!found(this.text)) {
      if (Date.now() > deadline) throw new Error(`no ${what} in ${JSON.stringify(this.text)}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 200);
        this.#waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  includes(expected: string): Promise<void> {
    return this.until((text) => text.includes(expected), expected);
  }
}

class Transcript extends Reader {
  constructor(stream: NodeJS.ReadableStream) {
    super();
    stream.on('data', (bytes) => this.add(bytes));
  }
}

/** Reads and types at the master end of a terminal. */
export class Session extends Reader {
  readonly #master: number;
  readonly #ended = Promise.withResolvers<void>();
  /** Resolves once all other ends are closed: then the master end can be closed. */
  readonly ended = this.#ended.promise;

  constructor(master: number) {
    super();
    this.#master = master;
    this.#read();
  }

  type(keys: string): void {
    writeSync(this.#master, keys);
  }

  #read(): void {
    const buffer = Buffer.alloc(65536);
    read(this.#master, buffer, 0, buffer.length, null, (error, length) => {
      if (error) return this.#ended.resolve();
      this.add(buffer.subarray(0, length));
      this.#read();
    });
  }
}
