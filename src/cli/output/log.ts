import { closeSync } from 'node:fs';
import { FdOutput, type Output, writeMessage } from './output.ts';

export type LogFormat = 'text' | 'json';
/** From the most detailed level to the least. */
export const LOG_LEVELS = ['debug', 'warning', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * The --log file, or standard error without one. Entries are lines in logrus' text or JSON format,
 * which containerd, Podman and CRI-O read.
 */
export class Log {
  readonly debugging: boolean;
  /** True when --log named a file. */
  readonly toFile: boolean;
  /** True when lines of JSON, and nothing else, go to standard error. */
  readonly isJsonOnStderr: boolean;
  readonly #file: number | undefined;
  readonly #output: Output;
  readonly #format: LogFormat;
  readonly #level: LogLevel;

  constructor({ file, stderr, format = 'text', level = 'warning' }: LogOptions) {
    this.toFile = file !== undefined;
    this.isJsonOnStderr = file === undefined && format === 'json';
    this.#file = file;
    this.#output = file === undefined ? stderr : new FdOutput(file);
    this.#format = format;
    this.#level = level;
    this.debugging = level === 'debug';
  }

  /** Written only with --debug or --log-level debug. */
  debug(message: string): void {
    if (this.debugging) this.#write('debug', message);
  }

  /** `hint` says what to do about it. */
  warning(message: string, hint?: string): void {
    if (this.#level !== 'error') this.#write('warning', message, { hint });
  }

  error(message: string, hint?: string): void {
    this.#write('error', message, { hint });
  }

  /** Nothing may be written afterwards. */
  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
  }

  #write(level: LogLevel, msg: string, fields: LogFields = {}): void {
    writeMessage(this.#output, logLine(this.#format, { level, msg, ...fields }, new Date()));
  }
}

interface LogOptions {
  /** The fd of the --log file, which the log then owns. Default: `stderr`. */
  file?: number | undefined;
  stderr: Output;
  format?: LogFormat;
  level?: LogLevel;
}

/** Fields that runc's entries do not have. Readers of runc's log ignore them. */
interface LogFields {
  hint?: string | undefined;
}

interface LogEntry extends LogFields {
  level: LogLevel;
  msg: string;
}

/** One entry as logrus' TextFormatter or JSONFormatter writes it; the time is RFC 3339. */
export function logLine(format: LogFormat, entry: LogEntry, time: Date): string {
  const at = `${time.toISOString().slice(0, 19)}Z`;
  const { hint, ...rest } = entry;
  if (format === 'json') return `${JSON.stringify({ ...rest, hint, time: at })}\n`;
  const field = hint ? ` hint=${quote(hint)}` : '';
  return `time="${at}" level=${rest.level} msg=${quote(rest.msg)}${field}\n`;
}

/** logrus leaves a plain word unquoted. */
function quote(text: string): string {
  return /^[\w\-./@^+]+$/.test(text) ? text : JSON.stringify(text);
}
