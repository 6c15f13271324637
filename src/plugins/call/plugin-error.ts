import { PLUGIN_TIMEOUT_HINT } from '../../errors/hints/plugin-timeout.ts';
import { codeDirectory } from '../../own-files.ts';

/** A plugin failed or broke a rule: `plugin audit: before exec: disk full`. */
export class PluginError extends Error {
  override readonly name = 'PluginError';
  readonly plugin: string;
  /** errno's name, if a system call or a file operation failed. */
  readonly code?: string;
  readonly syscall?: string;
  readonly hint?: string;

  /** Rest parameter: a plugin may throw undefined, which differs from no cause. */
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

/** A plugin's function has not answered within its timeout, in milliseconds. */
export class PluginTimeout extends PluginError {
  override readonly hint = PLUGIN_TIMEOUT_HINT;

  constructor(plugin: string, what: string, timeout: number) {
    super(plugin, `${what}: no answer within ${timeout} ms`);
  }
}

/** V8's messages when a plugin changes the frozen configuration. */
const FROZEN = /read only property|not extensible|Cannot (?:delete|redefine|define) property/;
const HINT = 'the configuration that plugins are given is frozen: adjust returns what is to change';

/**
 * ` (/opt/audit.ts:12:5)` for a programming error in a plugin; empty for what it throws on purpose.
 */
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
