import { createHash } from 'node:crypto';
import type { Environment } from '../../config/environment.ts';
import type { ExportState } from './state.ts';

/** Hash of the variables that decide whether a backend accepts requests. Values may be secrets. */
export function settingsOf(environment: Environment): string {
  const given = Object.entries(environment).filter(([name]) =>
    /^(?:OTEL_\w+|NODE_EXTRA_CA_CERTS|SSL_CERT_\w+|(?:https?|no|grpc)_proxy)$/i.test(name),
  );
  return createHash('sha256').update(JSON.stringify(given.sort())).digest('hex');
}

/** After this time davit tries again: the fault may have been the backend's. */
const TRY_AGAIN = 10 * 60_000;

/** True when a backend turned these settings away less than TRY_AGAIN ago. */
export function wasRejectedRecently({ failure }: ExportState, settings: string): boolean {
  return failure?.settings === settings && Date.now() - Date.parse(failure.time) < TRY_AGAIN;
}
