import { createHash } from 'node:crypto';
import type { Environment } from './signals.ts';
import type { ExportState } from './state.ts';

/** What can make a backend take what it turned away: changes with any of it, and tells none of it. */
export function settingsOf(environment: Environment): string {
  const given = Object.entries(environment).filter(([name]) =>
    /^(?:OTEL_\w+|NODE_EXTRA_CA_CERTS|SSL_CERT_\w+|(?:https?|no|grpc)_proxy)$/i.test(name),
  );
  return createHash('sha256').update(JSON.stringify(given.sort())).digest('hex');
}

/** A backend may be wrong for a while itself. */
const TRY_AGAIN = 10 * 60_000;

/** True where a backend has turned davit away by the same settings, and not long ago. */
export function isTurnedAway({ failure }: ExportState, settings: string): boolean {
  return failure?.settings === settings && Date.now() - Date.parse(failure.time) < TRY_AGAIN;
}
