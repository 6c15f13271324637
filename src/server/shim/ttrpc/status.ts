/** The codes of gRPC that a shim answers with. containerd makes its own errors of them. */
export const CODE = {
  unknown: 2,
  invalidArgument: 3,
  notFound: 5,
  alreadyExists: 6,
  resourceExhausted: 8,
  failedPrecondition: 9,
  unimplemented: 12,
} as const;

/** A call that has failed, as its caller sees it. */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  readonly code: number;

  /** `code` is one of {@link CODE}. */
  constructor(code: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
