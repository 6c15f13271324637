/** What unpacking an image's layers needs, and what it has left out. */
export interface UnpackContext {
  /** O_PATH fd of the root file system. */
  root: number;
  /** False for an ordinary user, to whom then all files belong. */
  mayChown: boolean;
  /** Bytes that may still be written. */
  left: number;
  /** What could not be done, and how often. */
  omitted: Map<string, number>;
}

/** Counts what was left out: the command tells of it once. */
export function omit({ omitted }: UnpackContext, what: string): void {
  omitted.set(what, (omitted.get(what) ?? 0) + 1);
}
