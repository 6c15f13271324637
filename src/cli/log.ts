import { openSync } from 'node:fs';
import { STDERR, tell } from './output.ts';

export type LogFormat = 'text' | 'json';
export type LogLevel = 'debug' | 'warning' | 'error';

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

  /** Throws what open(2) says of `file`. */
  constructor({ file = '', format = 'text', debug = false }: LogOptions = {}) {
    this.toFile = file !== '';
    this.#fd = this.toFile ? openSync(file, 'as', 0o644) : STDERR;
    this.#format = format;
    this.debugging = debug;
  }

  /** Written with --debug only. */
  debug(message: string): void {
    if (this.debugging) this.#write('debug', message);
  }

  warning(message: string): void {
    this.#write('warning', message);
  }

  /** `hint` says what to do about it. */
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
  debug?: boolean;
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
