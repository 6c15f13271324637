import { type Environment, otlpVariable, type Signal } from './signals.ts';

export const PROTOCOLS = ['grpc', 'http/protobuf', 'http/json'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** Where a signal goes. The exporters of OpenTelemetry's SDK read all but the protocol themselves. */
export interface Destination {
  signal: Signal;
  protocol: Protocol;
  /** For people, and to know the answers by. */
  url: string;
}

/** Throws for a protocol or an endpoint that is none. */
export function destinationOf(environment: Environment, signal: Signal): Destination {
  const protocol = protocolOf(environment, signal);
  const url = endpointOf(environment, signal, protocol);
  if (URL.canParse(url)) return { signal, protocol, url };
  throw new TypeError(
    `OTEL_EXPORTER_OTLP_ENDPOINT: expected a URL such as http://localhost:4318, not ${url}`,
  );
}

function protocolOf(environment: Environment, signal: Signal): Protocol {
  const given = otlpVariable(environment, signal, 'PROTOCOL') ?? 'http/protobuf';
  const protocol = PROTOCOLS.find((name) => name === given);
  if (protocol) return protocol;
  throw new TypeError(
    `OTEL_EXPORTER_OTLP_PROTOCOL: expected ${PROTOCOLS.join(', ')}, not ${JSON.stringify(given)}`,
  );
}

/** OpenTelemetry Protocol Exporter: only a signal's own endpoint goes without `/v1/traces`. */
function endpointOf(environment: Environment, signal: Signal, protocol: Protocol): string {
  const given = otlpVariable(environment, signal, 'ENDPOINT');
  if (protocol === 'grpc') {
    const url = given ?? 'http://localhost:4317';
    return url.includes('://') ? url : `http://${url}`;
  }
  const own = environment[`OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_ENDPOINT`]?.trim();
  if (own) return own;
  return `${(given ?? 'http://localhost:4318').replace(/\/$/, '')}/v1/${signal}`;
}
