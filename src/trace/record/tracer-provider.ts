/**
 * True when this program has registered an OpenTelemetry TracerProvider. It looks where
 * `@opentelemetry/api` 1.x keeps it, so that the package is loaded only when it is of use.
 */
export function hasTracerProvider(): boolean {
  const api: unknown = Reflect.get(globalThis, Symbol.for('opentelemetry.js.api.1'));
  return typeof api === 'object' && api !== null && 'trace' in api;
}
