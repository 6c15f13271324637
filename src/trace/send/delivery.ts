import type { SdkReport } from './sdk-report.ts';

/** What became of a request. */
export interface Delivery {
  result: 'delivered' | FailureKind;
  /** Why it, or a part of it, was not delivered; empty where there is nothing to say. */
  reason: string;
  /** How many items of a delivered request the backend did not take. */
  rejected?: number;
  /** Milliseconds that the backend asks to be left alone. */
  retryAfter?: number | undefined;
}

/** Of several failures of a request the first of these counts: it is sent again while that may help. */
const KINDS = [
  /** It may be taken another time. */
  'failed',
  /** Who sends it, or where to, is wrong: nothing is taken before that is mended. */
  'turned away',
  /** It is too much at once. */
  'too large',
  /** The backend calls what is in it wrong: it will never be taken. */
  'refused',
] as const;

type FailureKind = (typeof KINDS)[number];

/** Says what a report about the sending of `items` items comes to. */
export function judge(report: SdkReport, items: number): Delivery {
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
  // Zipkin's exporter takes a redirect for a success.
  if (errors.length === 0 && last && isRedirect(last.status)) return [ofAnswer(last)];
  return errors.flatMap((error) => failureOf(error, report) ?? []);
}

function failureOf(error: Error, { answers, networkErrors }: SdkReport): Delivery | undefined {
  const text = textOf(error);
  const [reason, code] = /(\d+) [A-Z_]+: .*/s.exec(text) ?? [];
  if (reason) return ofGrpc(Number(code), reason, error as GrpcError);
  const answer = answers.findLast(({ status }) => status >= 300);
  if (answer) return ofAnswer(answer, error as HttpError);
  // A success is one also where the SDK finds the answer too long.
  if (answers.length > 0 && networkErrors.length === 0) return undefined;
  return { result: 'failed', reason: isEmpty(text) ? describe(networkErrors) : text };
}

interface HttpError extends Error {
  /** The answer's body. */
  data?: unknown;
}

const isRedirect = (status: number): boolean => status >= 300 && status < 400;

/** RFC 9110: what a backend says of the data itself. */
const BAD_DATA = [400, 422];
const TOO_LARGE = 413;
/** OTLP's specification, and those of servers and proxies in trouble. */
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

// OTLP specification, OTLP/gRPC Response: CANCELLED, DEADLINE_EXCEEDED, ABORTED, OUT_OF_RANGE, UNAVAILABLE,
// DATA_LOSS; and INTERNAL, which is a server in trouble.
const LATER_GRPC = [1, 4, 10, 11, 13, 14, 15];
const INVALID_ARGUMENT = 3;
const RESOURCE_EXHAUSTED = 8;

function ofGrpc(code: number, reason: string, { metadata }: GrpcError): Delivery {
  if (code === INVALID_ARGUMENT) return { result: 'refused', reason };
  if (code === RESOURCE_EXHAUSTED) {
    // With RetryInfo the backend is busy; without, it is what servers say of a message of too many bytes.
    const isBusy = (metadata?.get('grpc-status-details-bin').length ?? 0) > 0;
    return { result: isBusy ? 'failed' : 'too large', reason };
  }
  return { result: LATER_GRPC.includes(code) ? 'failed' : 'turned away', reason };
}

/**
 * Without what the readers of metrics put around it. Node advises a flag of its own, which nobody can give
 * davit.
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

/** Several addresses that all failed are an error without a text of its own. */
const isEmpty = (text: string): boolean => text === '' || text === 'AggregateError';

function describe(errors: Error[]): string {
  const single = errors.flatMap((one) => (one as AggregateError).errors ?? one);
  return [...new Set(single.map(({ message }: Error) => message))].join('; ') || 'unknown error';
}

/** An answer's body may be protobuf. */
const printable = (body: unknown): string =>
  String(body ?? '')
    .replace(/[^\x20-\x7e]+/g, ' ')
    .slice(0, 200);
