import type { InitContext } from '../../context/init-context.ts';
import { dup2 } from '../../syscalls/files/file.ts';

/** Makes the files that an embedding program gave the fds 0, 1 and 2. */
export function setupStdio({ stdio = [] }: InitContext): void {
  for (const [to, fd] of stdio.entries()) if (fd !== to) dup2(fd, to);
}
