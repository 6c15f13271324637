import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import { OTLPExporterError } from '@opentelemetry/otlp-exporter-base';

/** What became of a request. */
export type Delivery =
  | { result: 'delivered' }
  /** The backend will never take it: sending it again is forbidden. */
  | { result: 'refused'; reason: string }
  /** It may take it another time. */
  | { result: 'failed'; reason: string };

/** Of the SDK's exporters, what davit uses. */
export interface Exporter<Payload> {
  export(payload: Payload, done: (result: ExportResult) => void): void;
}

/** Sends one request; the exporter itself tries again within OTEL_EXPORTER_OTLP_TIMEOUT. */
export function deliver<Payload>(exporter: Exporter<Payload>, payload: Payload): Promise<Delivery> {
  return new Promise((resolve) => {
    exporter.export(payload, ({ code, error }) => {
      resolve(code === ExportResultCode.SUCCESS ? { result: 'delivered' } : judge(error));
    });
  });
}

// The statuses to send again after: OTLP specification, OTLP/gRPC Response. 8 is RESOURCE_EXHAUSTED.
const RETRYABLE_GRPC = [1, 4, 10, 11, 14, 15];
const RESOURCE_EXHAUSTED = 8;

interface GrpcError extends Error {
  code: number;
  details: string;
  metadata?: { get(key: string): unknown[] };
}

function judge(error: Error | undefined): Delivery {
  if (error instanceof OTLPExporterError && error.code !== undefined) {
    const text = `HTTP ${error.code} ${error.message} ${printable(error.data)}`;
    return { result: 'refused', reason: text.trim() };
  }
  if (isGrpc(error)) {
    const reason = withOwnAdvice(error.message);
    // With RetryInfo the backend will recover; without it it will not.
    const recovers = (error.metadata?.get('grpc-status-details-bin').length ?? 0) > 0;
    const again =
      RETRYABLE_GRPC.includes(error.code) || (error.code === RESOURCE_EXHAUSTED && recovers);
    return { result: again ? 'failed' : 'refused', reason };
  }
  return { result: 'failed', reason: describe(error) };
}

/** Several addresses that all refused are an AggregateError without a text. */
function describe(error: Error | undefined): string {
  if (error instanceof AggregateError) return error.errors.map(String).join('; ');
  return (
    withOwnAdvice(error?.message ?? '') || (error as NodeJS.ErrnoException)?.code || 'unknown error'
  );
}

const isGrpc = (error: Error | undefined): error is GrpcError =>
  error !== undefined && typeof (error as GrpcError).code === 'number' && 'details' in error;

/** Node advises a flag of its own, which nobody can give davit. */
const withOwnAdvice = (message: string): string =>
  message.replace(
    /; if the root CA is installed locally, try running Node\.js with --use-system-ca/,
    '; OTEL_EXPORTER_OTLP_CERTIFICATE or NODE_EXTRA_CA_CERTS can name a file that has its CA',
  );

/** An answer may be protobuf. */
const printable = (text = ''): string => text.replace(/[^\x20-\x7e]+/g, ' ').slice(0, 200);
