import { PLUGIN_TIMEOUT_HINT } from '../../errors/hints/plugin-timeout.ts';
import { codeDirectory } from '../../own-files.ts';

/** A plugin that failed, or did what it may not: `plugin audit: before exec: disk full`. */
export class PluginError extends Error {
  override readonly name = 'PluginError';
  readonly plugin: string;
  /** Of the system call or file operation that failed, where one did. */
  readonly code?: string;
  readonly syscall?: string;
  readonly hint?: string;

  /** What was thrown may be undefined, too: then it is given. */
  constructor(plugin: string, what: string, ...thrown: [cause?: unknown]) {
    const [cause] = thrown;
    const reason = thrown.length === 0 ? undefined : messageOf(cause);
    super([`plugin ${plugin}`, what, reason].filter(Boolean).join(': ') + placeOf(cause), {
      cause,
    });
    this.plugin = plugin;
    if (!(cause instanceof Error)) return;
    if (cause instanceof TypeError && FROZEN.test(cause.message)) this.hint = HINT;
    if ('code' in cause) this.code = String(cause.code);
    if ('syscall' in cause) this.syscall = String(cause.syscall);
  }
}

/** A plugin's function that has not answered in its time, in milliseconds. */
export class PluginTimeout extends PluginError {
  override readonly hint = PLUGIN_TIMEOUT_HINT;

  constructor(plugin: string, what: string, timeout: number) {
    super(plugin, `${what}: no answer within ${timeout} ms`);
  }
}

/** What V8 says of a change to the configuration that a plugin is given. */
const FROZEN = /read only property|not extensible|Cannot (?:delete|redefine|define) property/;
const HINT = 'the configuration that plugins are given is frozen: adjust returns what is to change';

/** ` (/opt/audit.ts:12:5)`, of a mistake in a plugin's code; nothing for what it throws on purpose. */
function placeOf(cause: unknown): string {
  const mistake = [SyntaxError, ReferenceError, TypeError].some((type) => cause instanceof type);
  if (!mistake) return '';
  for (const [place] of ((cause as Error).stack ?? '').matchAll(/\/[^\s():]+(?::\d+){1,2}/g)) {
    if (!place.startsWith(`${codeDirectory}/`)) return ` (${place.replace(/^\/+/, '/')})`;
  }
  return '';
}

function messageOf(cause: unknown): string {
  if (cause instanceof Error) return cause.message || cause.name;
  return typeof cause === 'string' ? cause : `threw ${String(cause)}`;
}
