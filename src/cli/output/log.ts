import { openSync } from 'node:fs';
import { STDERR, tell } from './output.ts';

export type LogFormat = 'text' | 'json';
/** From what is rarely wanted to what always is. */
export const LOG_LEVELS = ['debug', 'warning', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * The --log file (standard error without one), one entry a line in logrus' two formats, which
 * containerd, Podman and CRI-O read back.
 */
export class Log {
  readonly debugging: boolean;
  /** True when --log named a file. */
  readonly toFile: boolean;
  readonly #fd: number;
  readonly #format: LogFormat;
  readonly #level: LogLevel;

  /** Throws what open(2) says of `file`. */
  constructor({ file = '', format = 'text', level = 'warning' }: LogOptions = {}) {
    this.toFile = file !== '';
    this.#fd = this.toFile ? openSync(file, 'as', 0o644) : STDERR;
    this.#format = format;
    this.#level = level;
    this.debugging = level === 'debug';
  }

  /** Written with --debug, or --log-level debug, only. */
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

  #write(level: LogLevel, msg: string, fields: LogFields = {}): void {
    tell(this.#fd, logLine(this.#format, { level, msg, ...fields }, new Date()));
  }
}

export interface LogOptions {
  /** Path; empty for standard error. */
  file?: string;
  format?: LogFormat;
  level?: LogLevel;
}

/** What an entry has beyond what runc's have: readers of those pass over it. */
interface LogFields {
  hint?: string | undefined;
}

export interface LogEntry extends LogFields {
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
