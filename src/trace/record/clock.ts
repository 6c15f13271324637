const NANOS_PER_MILLI = 1_000_000n;

/** When this process began, as CLOCK_MONOTONIC nanoseconds (Node's own start, after exec's loading). */
export function processStart(): bigint {
  return process.hrtime.bigint() - BigInt(Math.round(process.uptime() * 1e9));
}

let offset: EpochOffset | undefined;

/** This process's offset, which all its commands share: a warm process knows it to the microsecond. */
export function epochOffset(): EpochOffset {
  offset ??= new EpochOffset();
  return offset;
}

/**
 * What to add to CLOCK_MONOTONIC nanoseconds to get nanoseconds since the epoch: one value for all
 * spans of a command. `performance.timeOrigin` costs 2.2 ms to load and Temporal 0.3, and Date.now()
 * only knows milliseconds; but each sample bounds the offset from both sides, so the two samples a
 * span takes narrow it to some tens of microseconds over a command, for nothing.
 */
export class EpochOffset {
  #lower = 0n;
  #upper = 0n;

  /** Looks at both clocks. */
  sample(): void {
    const before = process.hrtime.bigint();
    const epoch = BigInt(Date.now()) * NANOS_PER_MILLI;
    this.bound(before, epoch, process.hrtime.bigint());
  }

  /** Learns that the epoch's millisecond `epoch` (in ns) was current at a time in [before, after]. */
  bound(before: bigint, epoch: bigint, after: bigint): void {
    const lower = epoch - after;
    const upper = epoch + NANOS_PER_MILLI - before;
    const disjoint = lower > this.#upper || upper < this.#lower;
    // The wall clock was set, or drifted during a long run: what was learned before is void.
    this.#lower = disjoint || lower > this.#lower ? lower : this.#lower;
    this.#upper = disjoint || upper < this.#upper ? upper : this.#upper;
  }

  /** The middle of what is possible. */
  get nanos(): bigint {
    if (this.#upper === 0n) this.sample();
    return (this.#lower + this.#upper) / 2n;
  }
}
