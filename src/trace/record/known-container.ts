/** What state.json holds of a container's trace. */
export interface KnownContainer {
  traceparent?: string | undefined;
  tracestate?: string | undefined;
  annotations?: Readonly<Record<string, string>> | undefined;
}
