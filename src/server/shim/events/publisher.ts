import { setTimeout as delay } from 'node:timers/promises';
import { create, type DescMessage, type MessageInitShape } from '@bufbuild/protobuf';
import { timestampNow } from '@bufbuild/protobuf/wkt';
import type { OperationLog } from '../../../operations/session/operation-log.ts';
import { type Packed, pack } from '../any.ts';
import { type Envelope, EnvelopeSchema } from '../protocol/forward_pb.ts';

/** How often an event is sent anew. containerd asks for all it needs when it starts. */
const ATTEMPTS = 5;
const FIRST_DELAY_MS = 1000;
/** Events that wait for containerd. */
const MAX_WAITING = 2048;

/** Passes one event on to containerd. */
export type Forward = (envelope: Envelope) => Promise<void>;

/** Tells containerd what happens, in the order in which it happens. */
export class Publisher {
  readonly #namespace: string;
  readonly #forward: Forward;
  readonly #log: OperationLog;
  readonly #waiting: Envelope[] = [];
  #sending: Promise<void> | undefined;

  constructor(namespace: string, forward: Forward, log: OperationLog) {
    this.#namespace = namespace;
    this.#forward = forward;
    this.#log = log;
  }

  /** Settles when there is nothing left to send. */
  get sent(): Promise<void> {
    return this.#sending ?? Promise.resolve();
  }

  /** `topic` as `/tasks/exit`. */
  publish<D extends DescMessage>(topic: string, schema: D, event: MessageInitShape<D>): void {
    const packed = pack(schema, create(schema, event));
    if (this.#waiting.length >= MAX_WAITING) this.#drop(this.#waiting.shift()!, 'too many wait');
    this.#waiting.push(this.#envelope(topic, packed));
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined;
    });
  }

  #envelope(topic: string, event: Packed): Envelope {
    const namespace = this.#namespace;
    return create(EnvelopeSchema, { timestamp: timestampNow(), namespace, topic, event });
  }

  async #sendAll(): Promise<void> {
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      await this.#send(next);
    }
  }

  async #send(envelope: Envelope): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#forward(envelope);
      } catch (error) {
        if (attempt === ATTEMPTS) return this.#drop(envelope, (error as Error).message);
      }
      await delay(attempt * FIRST_DELAY_MS);
    }
  }

  #drop({ topic }: Envelope, reason: string): void {
    this.#log.warning(`the event ${topic} is lost: ${reason}`);
  }
}
