/** A listener that threw, or whose promise was rejected. */
export interface ListenerFailure {
  event: string;
  /** The listener's function name; empty for an anonymous one. */
  listener: string;
  error: unknown;
}

/** So many failures are kept: a listener that always fails would otherwise fill the memory. */
const KEPT = 100;

/** What listeners threw: the first failures, and how many there were. */
export class ListenerFailures {
  /** Of all failures, also of those that are not kept. */
  count = 0;
  readonly first: ListenerFailure[] = [];
  readonly #reported = new WeakSet<{ name: string }>();
  readonly #report: ((failure: string) => void) | undefined;

  /** `report` hears of each listener's first failure. */
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
