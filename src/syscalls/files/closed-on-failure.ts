import { closeFd } from './close-fd.ts';

/** Runs `use` and returns `fd`; closes `fd` when `use` throws. */
export function closedOnFailure(fd: number, use: (fd: number) => void): number {
  try {
    use(fd);
    return fd;
  } catch (error) {
    closeFd(fd);
    throw error;
  }
}
