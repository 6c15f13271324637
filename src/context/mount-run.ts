/** A mount of config.json that took long, for the trace. Times are CLOCK_MONOTONIC nanoseconds. */
export interface MountRun {
  /** Path in the container. */
  destination: string;
  source: string;
  /** The file system's type; `bind` for bind mounts. */
  fstype: string;
  /** As in config.json. */
  options: readonly string[];
  begin: bigint;
  end: bigint;
}
