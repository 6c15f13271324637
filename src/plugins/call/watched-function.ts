/** A plugin's function that runs, or what it has begun. */
export interface WatchedFunction {
  plugin: string;
  /** `before mounts`. */
  what: string;
  /** Milliseconds. */
  timeout: number;
}
