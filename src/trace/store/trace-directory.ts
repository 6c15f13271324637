import type { Environment } from '../../config/environment.ts';
import { isRootless } from '../../syscalls/task/user-namespace.ts';

/**
 * The directory of the trace store: `$DAVIT_TRACE_DIR`, /var/lib/davit/traces for root, and
 * `$XDG_STATE_HOME/davit/traces` or ~/.local/state/davit/traces for others.
 * `undefined` when nothing is to be stored: OTEL_SDK_DISABLED=true, or no home. `rootless` is true
 * without root's capabilities over the host; by default as this process is.
 */
export function traceDirectory(environment: Environment, rootless?: boolean): string | undefined {
  if (tracingDisabled(environment)) return undefined;
  if (environment.DAVIT_TRACE_DIR) return environment.DAVIT_TRACE_DIR;
  if (!(rootless ?? isRootless())) return '/var/lib/davit/traces';
  // XDG Base Directory Specification: a relative path is invalid and ignored.
  if (environment.XDG_STATE_HOME?.startsWith('/')) {
    return `${environment.XDG_STATE_HOME}/davit/traces`;
  }
  return environment.HOME?.startsWith('/')
    ? `${environment.HOME}/.local/state/davit/traces`
    : undefined;
}

/** OTEL_SDK_DISABLED, as OpenTelemetry's environment variable specification reads booleans. */
export function tracingDisabled(environment: Environment): boolean {
  return environment.OTEL_SDK_DISABLED?.toLowerCase() === 'true';
}
