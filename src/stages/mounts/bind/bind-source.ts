/** What a bind mount binds. */
export interface BindSource {
  fd: number;
  /** True: `fd` is a detached copy of the source's mount. False: an O_PATH fd of the source. */
  detached: boolean;
}
