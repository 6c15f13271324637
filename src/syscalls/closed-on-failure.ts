import { closeSync } from 'node:fs';

/** Gives `fd` when `use` is done with it; closes it when that fails. */
export function closedOnFailure(fd: number, use: (fd: number) => void): number {
  try {
    use(fd);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}
