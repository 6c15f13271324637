import { declare } from '../ffi/libc.ts';

// asm-generic/poll.h
export const POLLIN = 0x1;
export const POLLOUT = 0x4;
export const POLLERR = 0x8;
export const POLLHUP = 0x10;

const POLLFD_SIZE = 8;

const native = declare<[Uint8Array, number, number]>(
  'int poll(void *fds, unsigned long nfds, int timeout)',
);

/** struct pollfd (asm-generic/poll.h). poll(2) ignores an entry with a negative fd. */
export interface PollFd {
  fd: number;
  events: number;
  revents: number;
}

/** poll(2): sets each `revents` and returns how many are ready. `timeout` in ms, -1 for none. */
export function poll(fds: readonly PollFd[], timeout: number): number {
  const bytes = Buffer.alloc(fds.length * POLLFD_SIZE);
  fds.forEach(({ fd, events }, i) => {
    bytes.writeInt32LE(fd, i * POLLFD_SIZE);
    bytes.writeInt16LE(events, i * POLLFD_SIZE + 4);
  });
  const ready = native(bytes, fds.length, timeout);
  fds.forEach((entry, i) => {
    entry.revents = bytes.readInt16LE(i * POLLFD_SIZE + 6);
  });
  return ready;
}
