import {
  context,
  isSpanContextValid,
  type ProxyTracerProvider,
  type SpanContext,
  type Tracer,
  type TracerProvider,
  trace,
} from '@opentelemetry/api';

/** The tracer of the program that embeds davit, if it has registered a TracerProvider. */
export function programsTracer(version: string): Tracer | undefined {
  const provider: TracerProvider & Partial<ProxyTracerProvider> = trace.getTracerProvider();
  return provider.getDelegateTracer?.('davit', version);
}

/** The program's active span, which is the caller of a command. */
export function activeSpan(): SpanContext | undefined {
  const active = trace.getSpanContext(context.active());
  return active && isSpanContextValid(active) ? active : undefined;
}
