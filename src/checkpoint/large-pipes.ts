import { RuntimeError } from '../errors/runtime-error.ts';
import { hasErrno } from '../errors/syscall-error.ts';
import { closeFd } from '../syscalls/files/close-fd.ts';
import { setPipeSize } from '../syscalls/files/fcntl.ts';
import { pipe2 } from '../syscalls/files/pipe.ts';

/** The size of a pipe of criu's page server, in bytes: PIPE_MAX_SIZE in criu/page-pipe.h. */
const PIPE_SIZE = 4 << 20;

/**
 * Throws where processes may not have pipes of that size. criu would say so only to a restore that
 * fetches the pages, and as "Bad file descriptor".
 */
export function requireLargePipes(): void {
  using fds = new DisposableStack();
  const [end] = pipe2().map((fd) => fds.adopt(fd, closeFd));
  try {
    setPipeSize(end!, PIPE_SIZE);
  } catch (error) {
    if (!hasErrno(error, 'EPERM')) throw error;
    throw new RuntimeError(
      `--lazy-pages: criu needs pipes of ${PIPE_SIZE} bytes, which davit may not have`,
      `give davit CAP_SYS_RESOURCE, or write ${PIPE_SIZE} to /proc/sys/fs/pipe-max-size`,
    );
  }
}
