/** A listener that threw, or whose promise was rejected. */
export interface ListenerFailure {
  event: string;
  /** The listener's function name; empty for an anonymous one. */
  listener: string;
  error: unknown;
}

/** The most failures that are kept: a listener that always fails must not fill the memory. */
const KEPT = 100;

/** The errors of listeners: the first ones, and the number of all. */
export class ListenerFailures {
  /** The number of all failures, including those that are not kept. */
  count = 0;
  readonly first: ListenerFailure[] = [];
  readonly #reported = new WeakSet<{ name: string }>();
  readonly #report: ((failure: string) => void) | undefined;

  /** `report` is called with each listener's first failure. */
  constructor(report?: (failure: string) => void) {
    this.#report = report;
  }

  add(event: string, listener: { name: string }, error: unknown): void {
    this.count++;
    if (this.first.length < KEPT) this.first.push({ event, listener: listener.name, error });
    if (!this.#report || this.#reported.has(listener)) return;
    this.#reported.add(listener);
    const name = listener.name ? ` ${listener.name}` : '';
    this.#report(`the listener${name} of ${event} failed: ${textOf(error)}`);
  }
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
