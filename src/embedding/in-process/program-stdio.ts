import { openSync } from 'node:fs';
import { Socket } from 'node:net';
import { LifecycleBus } from '../../bus/bus.ts';
import { closeFd } from '../../syscalls/files/close-fd.ts';
import { pipe2 } from '../../syscalls/files/pipe.ts';
import type { StdioKind, StdioKinds, StdioStreams } from '../operations.ts';

/** The stages after which the new process has copies of its files. */
const FORKED = ['forkInit:after', 'forkExec:after'] as const;

/** The files that become a program's fds 0, 1 and 2, and this process's ends of the pipes among them. */
export class ProgramStdio implements Disposable {
  /** The program's files, in order; undefined if all are this process's own. */
  readonly fds: readonly number[] | undefined;
  readonly #ours: (number | undefined)[] = [];
  readonly #theirs = new DisposableStack();
  #streams: StdioStreams | undefined;

  constructor(kinds: StdioKinds) {
    if (kinds.every((kind) => kind === 'inherit')) return;
    this.fds = kinds.map((kind, fd) => this.#open(kind, fd));
  }

  /** A bus that closes the program's files here as soon as the program has them. */
  closedOnce(parent: LifecycleBus): LifecycleBus {
    const bus = new LifecycleBus(parent);
    for (const event of FORKED) bus.on(event as 'stage:after', () => this[Symbol.dispose]());
    return bus;
  }

  /** This process's ends. */
  streams(): StdioStreams {
    const [stdin, stdout, stderr] = this.#ours;
    this.#streams ??= {
      stdin: stdin === undefined ? null : new Socket({ fd: stdin, readable: false }),
      stdout: stdout === undefined ? null : new Socket({ fd: stdout, writable: false }),
      stderr: stderr === undefined ? null : new Socket({ fd: stderr, writable: false }),
    };
    return this.#streams;
  }

  /** Closes the program's files in this process. */
  [Symbol.dispose](): void {
    this.#theirs.dispose();
  }

  #open(kind: StdioKind, fd: number): number {
    if (kind === 'inherit') return fd;
    if (kind === 'ignore') return this.#theirs.adopt(openSync('/dev/null', 'r+'), closeFd);
    const [reading, writing] = pipe2();
    const [theirs, ours] = fd === 0 ? [reading, writing] : [writing, reading];
    this.#ours[fd] = ours;
    return this.#theirs.adopt(theirs, closeFd);
  }
}
