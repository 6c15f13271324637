import type { Environment } from '../../../config/environment.ts';
import { otlpVariable, type Signal } from '../signals.ts';

/** Where OTLP sends a signal, including the signal's path. */
interface OtlpEndpoint {
  protocol: string;
  url: URL;
}

/** Where these exporters send a signal, for messages. Throws for an invalid URL. */
export const destinationOf = (
  environment: Environment,
  signal: Signal,
  exporters: readonly string[],
): string =>
  exporters
    .map((name) => {
      const [url] = endpointsOf(environment, signal, [name]);
      return url ? withoutSecrets(url) : name;
    })
    .join(', ');

/** Leaves out credentials, and the query, which may hold keys. */
const withoutSecrets = ({ protocol, host, pathname }: URL): string =>
  `${protocol}//${host}${pathname === '/' ? '' : pathname}`;

/** The URLs that these exporters connect to. Throws for an invalid one. */
export const endpointsOf = (
  environment: Environment,
  signal: Signal,
  exporters: readonly string[],
): URL[] =>
  exporters.flatMap((name) => {
    if (name === 'otlp') return otlpEndpoint(environment, signal).url;
    return name === 'zipkin' ? zipkinEndpoint(environment) : [];
  });

/**
 * OpenTelemetry Protocol Exporter: a signal's own endpoint is used as it is;
 * OTEL_EXPORTER_OTLP_ENDPOINT gets `/v1/SIGNAL` appended for HTTP. The default scheme is http, for
 * gRPC https unless OTEL_EXPORTER_OTLP_INSECURE is true.
 */
export function otlpEndpoint(environment: Environment, signal: Signal): OtlpEndpoint {
  const protocol = otlpVariable(environment, signal, 'PROTOCOL')?.value ?? 'http/protobuf';
  const isGrpc = protocol === 'grpc';
  const given = otlpVariable(environment, signal, 'ENDPOINT');
  const { variable, value } = given ?? {
    variable: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    value: `http://localhost:${isGrpc ? 4317 : 4318}`,
  };
  const isInsecure = otlpVariable(environment, signal, 'INSECURE')?.value.toLowerCase() === 'true';
  const url = parse(variable, value, isGrpc && !isInsecure ? 'https' : 'http');
  if (!isGrpc && variable === 'OTEL_EXPORTER_OTLP_ENDPOINT') {
    url.pathname = `${url.pathname.replace(/\/$/, '')}/v1/${signal}`;
  }
  return { protocol, url };
}

const ZIPKIN = 'OTEL_EXPORTER_ZIPKIN_ENDPOINT';

export const zipkinEndpoint = (environment: Environment): URL =>
  parse(ZIPKIN, environment[ZIPKIN]?.trim() || 'http://localhost:9411/api/v2/spans', 'http');

function parse(variable: string, value: string, scheme: string): URL {
  const text = /^(?:\w+:\/\/|unix:)/.test(value) ? value : `${scheme}://${value}`;
  const url = URL.parse(text);
  if (url && ['http:', 'https:', 'unix:'].includes(url.protocol)) return url;
  throw new TypeError(
    `${variable}: expected a URL such as http://localhost:4318, not ${JSON.stringify(value)}`,
  );
}
