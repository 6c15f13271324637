/** Notices of a container that ran out of memory, until it ends. */
export interface OomWatch {
  /** Resolves when the cgroup has ended, or the watch was closed. */
  readonly ended: Promise<void>;
  close(): void;
}
