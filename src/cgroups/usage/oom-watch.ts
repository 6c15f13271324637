/** A watch for a container that runs out of memory. */
export interface OomWatch {
  /** Resolves when the cgroup is gone or empty, or when the watch is closed. */
  readonly ended: Promise<void>;
  close(): void;
}
