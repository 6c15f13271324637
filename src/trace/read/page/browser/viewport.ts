/** The least number of nanoseconds that is shown at once. */
const NEAREST = 1_000;

/** The visible part of the time axis, in nanoseconds. */
export class Viewport {
  from = 0;
  to = 1;
  #total = 1;
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Shows a whole axis of `total` nanoseconds. */
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

  /** Makes the visible part `factor` times as long. The point `at`, 0 to 1 of the width, stays. */
  zoom(factor: number, at = 0.5): void {
    const width = this.to - this.from;
    const fixed = this.from + width * at;
    this.show(fixed - width * factor * at, fixed + width * factor * (1 - at));
  }

  /** Moves by `part` of the visible width. */
  pan(part: number): void {
    const width = this.to - this.from;
    const from = Math.min(Math.max(this.from + width * part, 0), this.#total - width);
    this.show(from, from + width);
  }

  /** Converts a place on the axis to a fraction of the width: 0 to 1 when it is visible. */
  place(at: number): number {
    return (at - this.from) / (this.to - this.from);
  }
}
