import { koffi } from './koffi.ts';

/** Somebody waiting on Node's event loop for an fd. */
export interface ReadableWatch {
  /** Settles when the fd is readable: for a pidfd, when the process has ended. */
  readonly readable: Promise<void>;
  /** Whether the wait keeps the program alive. */
  hold(alive: boolean): void;
}

/** Watches an fd without blocking; for the runtime's side alone, and only in an embedding program. */
export function watchReadable(fd: number): ReadableWatch {
  const { promise, resolve } = Promise.withResolvers<void>();
  const handle = koffi().node.poll(fd, { readable: true }, () => {
    handle.close();
    resolve();
  });
  return { readable: promise, hold: (alive) => (alive ? handle.ref() : handle.unref()) };
}
