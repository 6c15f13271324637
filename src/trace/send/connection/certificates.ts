import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { Environment } from '../../../config/environment.ts';
import { otlpVariable, type Signal } from '../signals.ts';

/**
 * Trusts the host's CAs and NODE_EXTRA_CA_CERTS in addition to Node's own, as other programs of the
 * host do. SSL_CERT_FILE and SSL_CERT_DIR name the host's CAs.
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

/**
 * Reads the files of OTEL_EXPORTER_OTLP_CERTIFICATE, _CLIENT_KEY and _CLIENT_CERTIFICATE to find
 * errors: the SDK ignores a file that it cannot read. Makes the paths absolute: the SDK may read
 * them later, from another directory.
 */
export function tryTlsFiles(environment: Environment, signal: Signal): void {
  for (const name of ['CERTIFICATE', 'CLIENT_KEY', 'CLIENT_CERTIFICATE']) {
    const given = otlpVariable(environment, signal, name);
    if (!given) continue;
    const path = resolve(given.value);
    readNamed(given.variable, path);
    process.env[`OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_${name}`] = path;
  }
}

function readNamed(variable: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new TypeError(`${variable}: ${(error as Error).message}`, { cause: error });
  }
}
