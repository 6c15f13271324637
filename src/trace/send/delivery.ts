import type { SdkReport } from './sdk-report.ts';

/** The result of a request. */
export interface Delivery {
  result: 'delivered' | FailureKind;
  /** Why the request, or a part of it, was not delivered. May be empty. */
  reason: string;
  /** How many items of a delivered request the backend rejected. */
  rejected?: number;
  /** Milliseconds that the backend asks davit to wait. */
  retryAfter?: number | undefined;
}

/**
 * Kinds of failure. When a request has several, the first kind in this list counts: the request is
 * sent again as long as that may help.
 */
const KINDS = [
  /** Temporary: the same request may succeed later. */
  'failed',
  /** Credentials or address are wrong: no request succeeds until they are corrected. */
  'turned away',
  /** The request is too large. */
  'too large',
  /** The backend calls the data invalid: the request will never succeed. */
  'refused',
] as const;

type FailureKind = (typeof KINDS)[number];

/** Turns the report about the sending of `items` items into a result. */
export function deliveryOf(report: SdkReport, items: number): Delivery {
  const failures = failuresOf(report);
  for (const kind of KINDS) {
    const failure = failures.find(({ result }) => result === kind);
    if (failure) return { ...failure, retryAfter: report.answers.at(-1)?.retryAfter };
  }
  const rejected = report.rejected.reduce((sum, { count }) => sum + count, 0);
  const reason = report.rejected.map((one) => one.reason).join('; ');
  return { result: 'delivered', rejected: Math.min(rejected, items), reason };
}

function failuresOf(report: SdkReport): Delivery[] {
  const { errors, answers } = report;
  const last = answers.at(-1);
  // Zipkin's exporter treats a redirect as a success.
  if (errors.length === 0 && last && isRedirect(last.status)) return [ofAnswer(last)];
  return errors.flatMap((error) => failureOf(error, report) ?? []);
}

function failureOf(error: Error, { answers, networkErrors }: SdkReport): Delivery | undefined {
  const text = textOf(error);
  const [reason, code] = /(\d+) [A-Z_]+: .*/s.exec(text) ?? [];
  if (reason) return ofGrpc(Number(code), reason, error as GrpcError);
  const answer = answers.findLast(({ status }) => status >= 300);
  if (answer) return ofAnswer(answer, error as HttpError);
  // The backend has accepted the request, even if the SDK finds the answer too long.
  if (answers.length > 0 && networkErrors.length === 0) return undefined;
  return { result: 'failed', reason: isEmpty(text) ? describe(networkErrors) : text };
}

interface HttpError extends Error {
  /** The answer's body. */
  data?: unknown;
}

const isRedirect = (status: number): boolean => status >= 300 && status < 400;

/** RFC 9110: statuses about the data itself. */
const BAD_DATA = [400, 422];
const TOO_LARGE = 413;
/**
 * Statuses that OTLP's specification calls retryable, and those of servers and proxies in trouble.
 */
const LATER = [408, 425, 429, 500, 502, 503, 504];

function ofAnswer({ status, text }: SdkReport['answers'][number], error?: HttpError): Delivery {
  const reason = `${text} ${printable(error?.data)}`.trim();
  if (status === TOO_LARGE) return { result: 'too large', reason };
  if (BAD_DATA.includes(status)) return { result: 'refused', reason };
  return { result: LATER.includes(status) ? 'failed' : 'turned away', reason };
}

interface GrpcError extends Error {
  metadata?: { get(key: string): unknown[] };
}

// OTLP specification, OTLP/gRPC Response: CANCELLED, DEADLINE_EXCEEDED, ABORTED, OUT_OF_RANGE,
// UNAVAILABLE, DATA_LOSS; and INTERNAL, which is a server in trouble.
const LATER_GRPC = [1, 4, 10, 11, 13, 14, 15];
const INVALID_ARGUMENT = 3;
const RESOURCE_EXHAUSTED = 8;

function ofGrpc(code: number, reason: string, { metadata }: GrpcError): Delivery {
  if (code === INVALID_ARGUMENT) return { result: 'refused', reason };
  if (code === RESOURCE_EXHAUSTED) {
    // With RetryInfo the backend is busy. Without it, servers mean a message of too many bytes.
    const isBusy = (metadata?.get('grpc-status-details-bin').length ?? 0) > 0;
    return { result: isBusy ? 'failed' : 'too large', reason };
  }
  return { result: LATER_GRPC.includes(code) ? 'failed' : 'turned away', reason };
}

/**
 * Removes the text that metric readers put around an error, and replaces Node's advice to use a
 * flag of Node, which davit's users cannot set.
 */
function textOf({ message }: Error): string {
  const [, wrapped] = /metrics export failed \(error (?:\w*Error: ?)?(.*)\)$/s.exec(message) ?? [];
  return (wrapped ?? message)
    .replace(/\. Resolution note: $/, '')
    .replace(
      /; if the root CA is installed locally, try running Node\.js with --use-system-ca/,
      '; OTEL_EXPORTER_OTLP_CERTIFICATE or NODE_EXTRA_CA_CERTS can name a file that has its CA',
    );
}

/** When every address of a host failed, the error is an AggregateError without a message. */
const isEmpty = (text: string): boolean => text === '' || text === 'AggregateError';

function describe(errors: Error[]): string {
  const single = errors.flatMap((one) => (one as AggregateError).errors ?? one);
  return [...new Set(single.map(({ message }: Error) => message))].join('; ') || 'unknown error';
}

/** Replaces binary bytes: an answer's body may be protobuf. */
const printable = (body: unknown): string =>
  String(body ?? '')
    .replace(/[^\x20-\x7e]+/g, ' ')
    .slice(0, 200);
