import type { LifecycleBus } from './bus.ts';
import type { StageAfterEvent } from './events.ts';
import type { Observer, StageRun } from './observer.ts';
import type { Stage } from './stage.ts';

/** Tells `bus` of every stage of container `id`. */
export class BusObserver implements Observer {
  readonly #bus: LifecycleBus<string>;
  readonly #id: string;

  constructor(bus: LifecycleBus<string>, id: string) {
    this.#bus = bus;
    this.#id = id;
  }

  acts(): boolean {
    return this.#bus.hasListeners;
  }

  before({ name, side }: Stage): void {
    this.#bus.before({ id: this.#id, stage: name, side, startTime: Date.now(), attributes: {} });
  }

  after({ stage, begin, end, failure }: StageRun): void {
    const event: StageAfterEvent = {
      id: this.#id,
      stage: stage.name,
      side: stage.side,
      startTime: Date.now() - Number(process.hrtime.bigint() - begin) / 1e6,
      duration: Number(end - begin) / 1e6,
      attributes: {},
    };
    if (failure === undefined) this.#bus.after(event);
    else this.#bus.error({ ...event, error: failure });
  }
}
