/** Blocks the thread for `milliseconds`, by default for ever. The event loop does not run. */
export function sleepSync(milliseconds = Number.POSITIVE_INFINITY): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
