import { closeFd } from './close-fd.ts';

/** Gives `fd` when `use` is done with it; closes it when that fails. */
export function closedOnFailure(fd: number, use: (fd: number) => void): number {
  try {
    use(fd);
    return fd;
  } catch (error) {
    closeFd(fd);
    throw error;
  }
}
