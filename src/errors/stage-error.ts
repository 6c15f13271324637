/** A lifecycle stage that failed. `message` reads `mounts: mounts[2]: mount proc on /proc: EPERM: operation not permitted`. */
export class StageError extends Error {
  override readonly name = 'StageError';
  readonly stage: string;
  /** The field of config.json the stage was acting on: `mounts[2]`. */
  readonly configPath: string | undefined;
  readonly code: string | undefined;
  readonly syscall: string | undefined;

  constructor(stage: string, failure: FailureReport, cause?: unknown) {
    super([stage, failure.configPath, failure.message].filter(Boolean).join(': '), { cause });
    this.stage = stage;
    this.configPath = failure.configPath;
    this.code = failure.code;
    this.syscall = failure.syscall;
  }
}

/** A failure as data, as init sends it to the runtime. */
export interface FailureReport {
  message: string;
  configPath?: string | undefined;
  code?: string | undefined;
  syscall?: string | undefined;
}

/** An error with the config.json path that it is about. */
export class FieldError extends Error {
  override readonly name = 'FieldError';
  readonly configPath: string;

  constructor(configPath: string, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.configPath = configPath;
  }
}

/** Runs `action`; a failure is reported as one of `configPath`. */
export function atField<T>(configPath: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw error instanceof FieldError ? error : new FieldError(configPath, error);
  }
}

/** A failure that was sent as data, as an error again. */
export function reviveFailure({ message, configPath, code, syscall }: FailureReport): Error {
  const error = Object.assign(new Error(message), { code, syscall });
  return configPath ? new FieldError(configPath, error) : error;
}

/** What a thrown value says, as data. */
export function reportFailure(error: unknown): FailureReport {
  if (!(error instanceof Error)) return { message: String(error) };
  const source = error instanceof FieldError && error.cause instanceof Error ? error.cause : error;
  return {
    message: error.message,
    configPath: error instanceof FieldError ? error.configPath : undefined,
    code: 'code' in source ? String(source.code) : undefined,
    syscall: 'syscall' in source ? String(source.syscall) : undefined,
  };
}
