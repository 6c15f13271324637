import {
  type Attributes as ApiAttributes,
  type Span as ApiSpan,
  type AttributeValue as ApiValue,
  type Exception,
  type Link,
  type SpanContext,
  type SpanStatus,
  SpanStatusCode,
  type TimeInput,
} from '@opentelemetry/api';
import { type Span, toLink } from '../store/span.ts';
import {
  type Attributes,
  type AttributeValue,
  EXCEPTION_MESSAGE,
  EXCEPTION_TYPE,
} from './attributes.ts';
import { nanosOf } from './clock.ts';

/** A span for the store. Its attributes are strings, numbers, booleans and lists of strings. */
export class StoreSpan implements ApiSpan {
  /** The span as it is stored. */
  readonly record: Span;
  readonly #context: SpanContext;
  readonly #onEnd: (record: Span) => void;
  #ended = false;

  constructor(context: SpanContext, record: Span, onEnd: (record: Span) => void) {
    this.#context = context;
    this.record = record;
    this.#onEnd = onEnd;
  }

  spanContext(): SpanContext {
    return this.#context;
  }

  setAttribute(key: string, value: ApiValue): this {
    this.record.attributes[key] = value as AttributeValue;
    return this;
  }

  setAttributes(attributes: ApiAttributes): this {
    Object.assign(this.record.attributes, attributes);
    return this;
  }

  addEvent(name: string, second?: ApiAttributes | TimeInput, third?: TimeInput): this {
    const [attributes, time] = isTime(second) ? [undefined, second] : [second, third];
    this.record.events.push({ name, time: nanosOf(time), attributes: attributes as Attributes });
    return this;
  }

  addLink(link: Link): this {
    return this.addLinks([link]);
  }

  addLinks(links: Link[]): this {
    this.record.links.push(...links.map(({ context }) => toLink(context)));
    return this;
  }

  setStatus({ code, message = '' }: SpanStatus): this {
    this.record.error = code === SpanStatusCode.ERROR ? message : undefined;
    return this;
  }

  updateName(name: string): this {
    this.record.name = name;
    return this;
  }

  end(time?: TimeInput): void {
    if (this.#ended) return;
    this.#ended = true;
    const end = nanosOf(time);
    if (end > this.record.start) this.record.end = end;
    this.#onEnd(this.record);
  }

  isRecording(): boolean {
    return !this.#ended;
  }

  recordException(exception: Exception, time?: TimeInput): void {
    const { name, message } =
      typeof exception === 'string' ? { name: undefined, message: exception } : exception;
    this.addEvent('exception', { [EXCEPTION_TYPE]: name, [EXCEPTION_MESSAGE]: message }, time);
  }
}

const isTime = (value: ApiAttributes | TimeInput | undefined): value is TimeInput =>
  typeof value === 'number' || value instanceof Date || Array.isArray(value);
