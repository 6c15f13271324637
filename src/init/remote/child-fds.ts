import { MAX_CHILD_FDS } from '../../machine/front/door.ts';

/** Fds that a child gets in one message, and the numbers that they have there. */
export class ChildFds {
  readonly list: number[] = [];
  readonly #first: number;

  /** The child numbers them from `first` on. */
  constructor(first: number) {
    this.#first = first;
  }

  /** The number in the child. Adds an fd that is new. */
  numberOf(fd: number): number {
    if (fd < 0) return fd;
    let index = this.list.indexOf(fd);
    if (index < 0) index = this.list.push(fd) - 1;
    if (this.list.length >= MAX_CHILD_FDS)
      throw new Error(`more than ${MAX_CHILD_FDS} fds for init`);
    return this.#first + index;
  }
}
