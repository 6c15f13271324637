/** What a bind mount binds. */
export interface BindSource {
  fd: number;
  /** A copy of its mount, attached nowhere. Otherwise the fd, O_PATH, is of the source itself. */
  detached: boolean;
}
