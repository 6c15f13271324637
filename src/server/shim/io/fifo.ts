import { constants, fstatSync, openSync } from 'node:fs';
import { closeFd } from '../../../syscalls/files/close-fd.ts';
import { setNonblocking } from '../../../syscalls/tty/tty.ts';

const { O_RDONLY, O_WRONLY, O_APPEND, O_NONBLOCK, O_NOCTTY } = constants;

/** One of a process's stdio. */
export interface Stream {
  /** What the process gets. Closed once the process has it. */
  readonly end: number;
  /**
   * The FIFO's other end, held open: a reader that goes away does not end the process, and a writer
   * that goes away does not end its input. -1 where there is none.
   */
  readonly held: number;
}

/** Opens what the process reads: a FIFO, or a file. Opening never waits for a writer. */
export function openInput(path: string): Stream {
  using opened = new DisposableStack();
  const end = opened.adopt(openSync(path, O_RDONLY | O_NONBLOCK | O_NOCTTY), closeFd);
  const held = fstatSync(end).isFIFO() ? openSync(path, O_WRONLY | O_NONBLOCK) : -1;
  setNonblocking(end, false);
  opened.move();
  return { end, held };
}

/** Opens what the process writes to: a FIFO, or a file. Opening never waits for a reader. */
export function openOutput(path: string): Stream {
  using opened = new DisposableStack();
  // Without a reader, the open for writing would fail.
  const reader = opened.adopt(openSync(path, O_RDONLY | O_NONBLOCK | O_NOCTTY), closeFd);
  const end = openSync(path, O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY);
  setNonblocking(end, false);
  if (!fstatSync(reader).isFIFO()) return { end, held: -1 };
  opened.move();
  return { end, held: reader };
}
