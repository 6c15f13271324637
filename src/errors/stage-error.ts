import { ConfigError } from './config-error.ts';
import { nodeErrorMessage } from './node-error.ts';

/**
 * A stage that failed: `mounts: mounts[2]:
 * mount proc on /proc: EPERM: operation not permitted`.
 */
export class StageError extends Error {
  override readonly name = 'StageError';
  readonly stage: string;
  /** The field of config.json the stage was acting on: `mounts[2]`. */
  readonly configPath: string | undefined;
  readonly code: string | undefined;
  readonly syscall: string | undefined;
  /** The message without stage and field. */
  readonly reason: string;
  /** What to do about it, if the stage knows. {@link hintOf} finds general hints. */
  readonly hint: string | undefined;

  constructor(stage: string, cause: unknown) {
    const { message, configPath, code, syscall, hint } = reportFailure(cause);
    const field = configPath && !message.includes(configPath) ? configPath : undefined;
    super([stage, field, message].filter(Boolean).join(': '), { cause });
    this.stage = stage;
    this.configPath = configPath;
    this.code = code;
    this.syscall = syscall;
    this.reason = message;
    this.hint = hint;
  }
}

/** The stage that failed, from `error` or from its causes. */
export function failedStage(error: unknown): string | undefined {
  if (error instanceof StageError) return error.stage;
  return error instanceof Error && error.cause ? failedStage(error.cause) : undefined;
}

/** What events and traces tell of a failure. */
export interface FailureReport {
  message: string;
  /** The error's class, unless it is Error: `ConfigError`. */
  type?: string | undefined;
  configPath?: string | undefined;
  code?: string | undefined;
  syscall?: string | undefined;
  hint?: string | undefined;
}

/** An error with the config.json path that it is about. */
export class FieldError extends Error {
  override readonly name = 'FieldError';
  readonly configPath: string;

  constructor(configPath: string, cause: unknown) {
    super(cause instanceof Error ? nodeErrorMessage(cause) : String(cause), { cause });
    this.configPath = configPath;
  }
}

/** Runs `action`. Its error becomes a {@link FieldError} of `configPath`. */
export function atField<T>(configPath: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw error instanceof FieldError ? error : new FieldError(configPath, error);
  }
}

/** A thrown value as a {@link FailureReport}. */
export function reportFailure(error: unknown): FailureReport {
  if (!(error instanceof Error)) return { message: String(error) };
  const source = error instanceof FieldError && error.cause instanceof Error ? error.cause : error;
  return {
    message: nodeErrorMessage(error),
    type: source.name === 'Error' ? undefined : source.name,
    configPath: fieldOf(error),
    code: textOf(source, 'code'),
    syscall: textOf(source, 'syscall'),
    hint: textOf(source, 'hint'),
  };
}

function fieldOf(error: Error): string | undefined {
  return error instanceof ConfigError ? error.problems[0]?.path : textOf(error, 'configPath');
}

function textOf(error: Error, property: string): string | undefined {
  const value: unknown = Reflect.get(error, property);
  return typeof value === 'string' ? value : undefined;
}
