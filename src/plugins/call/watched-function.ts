/** A plugin's function that runs, or that has started what runs. */
export interface WatchedFunction {
  plugin: string;
  /** `before mounts`. */
  what: string;
  /** Milliseconds. */
  timeout: number;
}
