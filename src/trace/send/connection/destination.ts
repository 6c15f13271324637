import { type Environment, otlpVariable, type Signal } from '../signals.ts';

/** Where a signal goes by OTLP, with the path that belongs to the signal. */
export interface OtlpEndpoint {
  protocol: string;
  url: URL;
}

/** For people: where these exporters send a signal. Throws for an address that is none. */
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

/** Credentials, and keys in a query, are nobody's business. */
const withoutSecrets = ({ protocol, host, pathname }: URL): string =>
  `${protocol}//${host}${pathname === '/' ? '' : pathname}`;

/** What these exporters connect to. Throws for an address that is none. */
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
 * OpenTelemetry Protocol Exporter: a signal's own endpoint is taken as it is, to the other `/v1/traces` is
 * added. Without a scheme it is http, and https for gRPC unless OTEL_EXPORTER_OTLP_INSECURE is true.
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
