import { readFileSync } from 'node:fs';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { type Environment, otlpVariable, type Signal } from './signals.ts';

/**
 * Trusts the host's CAs and those of NODE_EXTRA_CA_CERTS, beside the ones that Node brings: the other
 * programs of the host do. SSL_CERT_FILE and SSL_CERT_DIR say where the host's are.
 */
export function trustAuthorities(environment: Environment): void {
  for (const name of ['SSL_CERT_FILE', 'SSL_CERT_DIR', 'NODE_TLS_REJECT_UNAUTHORIZED']) {
    if (environment[name] !== undefined) process.env[name] = environment[name];
  }
  setDefaultCACertificates([
    ...getCACertificates('bundled'),
    ...getCACertificates('system'),
    ...extraAuthorities(environment.NODE_EXTRA_CA_CERTS),
  ]);
}

function extraAuthorities(file: string | undefined): string[] {
  if (!file) return [];
  const pem = readNamed('NODE_EXTRA_CA_CERTS', file).toString('latin1');
  return pem.match(/-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----/gs) ?? [];
}

/** What OTEL_EXPORTER_OTLP_CERTIFICATE, _CLIENT_KEY and _CLIENT_CERTIFICATE name, as node:tls calls it. */
export function tlsFiles(
  environment: Environment,
  signal: Signal,
): Partial<Record<'ca' | 'key' | 'cert', Buffer>> {
  const files = { ca: 'CERTIFICATE', key: 'CLIENT_KEY', cert: 'CLIENT_CERTIFICATE' } as const;
  return Object.fromEntries(
    Object.entries(files).flatMap(([option, name]) => {
      const file = otlpVariable(environment, signal, name);
      return file ? [[option, readNamed(`OTEL_EXPORTER_OTLP_${name}`, file)]] : [];
    }),
  );
}

function readNamed(variable: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new TypeError(`${variable}: ${(error as Error).message}`, { cause: error });
  }
}
