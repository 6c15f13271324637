import { closeFd } from './close-fd.ts';

/** Runs `use` and returns `fd`; closes `fd` when `use` throws. */
export function closedOnFailure(fd: number, use: (fd: number) => void): number {
  using opened = new DisposableStack();
  opened.adopt(fd, closeFd);
  use(fd);
  opened.move();
  return fd;
}
