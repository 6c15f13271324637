/** Sleeps without an event loop: for ever, unless `milliseconds` are given. */
export function sleepSync(milliseconds = Number.POSITIVE_INFINITY): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
