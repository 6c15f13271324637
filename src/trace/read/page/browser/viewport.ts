/** Fewer nanoseconds than this are never shown at once. */
const NEAREST = 1_000;

/** The part of the time axis that is seen, in nanoseconds on it. */
export class Viewport {
  from = 0;
  to = 1;
  #total = 1;
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Shows all of an axis of `total`. */
  fit(total = this.#total): void {
    this.#total = total;
    this.show(0, total);
  }

  show(from: number, to: number): void {
    const width = Math.min(Math.max(to - from, Math.min(NEAREST, this.#total)), this.#total);
    this.from = Math.min(Math.max(from, 0), this.#total - width);
    this.to = this.from + width;
    this.#changed();
  }

  /** Makes what is seen `factor` times as long; `at`, 0 to 1 of the width, stays where it is. */
  zoom(factor: number, at = 0.5): void {
    const width = this.to - this.from;
    const fixed = this.from + width * at;
    this.show(fixed - width * factor * at, fixed + width * factor * (1 - at));
  }

  /** Moves by a part of the width. */
  pan(part: number): void {
    const width = this.to - this.from;
    const from = Math.min(Math.max(this.from + width * part, 0), this.#total - width);
    this.show(from, from + width);
  }

  /** Where on the width a place on the axis is: 0 to 1 when it is seen. */
  place(at: number): number {
    return (at - this.from) / (this.to - this.from);
  }
}
