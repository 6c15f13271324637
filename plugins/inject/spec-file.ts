import { readFileSync, statSync } from 'node:fs';
import type { CdiSpec } from './cdi.ts';
import { cdiSpec } from './check-spec.ts';
import { Place } from './place.ts';
import { VERSIONS } from './versions.ts';

/** Reads a CDI file. Errors give the file's name and the field. */
export async function readSpecFile(file: string): Promise<CdiSpec> {
  refuseForeign(file);
  const value = await parse(readFileSync(file, 'utf8'), file);
  const given = (value as { cdiVersion?: unknown } | null)?.cdiVersion;
  const version = String(given).replace(/^v/, '');
  const place = new Place(file, version);
  if (!VERSIONS.includes(version)) {
    place.at('cdiVersion').refuse(`one of ${VERSIONS.join(', ')}`, given);
  }
  return cdiSpec(value, place);
}

/**
 * Reads YAML as the reference implementation does: 0660 is octal. The YAML parser is loaded only
 * here.
 */
async function parse(text: string, file: string): Promise<unknown> {
  try {
    if (file.endsWith('.json')) return JSON.parse(text);
    const { parse } = await import('yaml');
    return parse(text, { version: '1.1' });
  } catch (error) {
    throw new Error(`${file}: ${(error as Error).message.split('\n')[0]}`);
  }
}

/** A CDI file can name programs that run as root on the host. */
function refuseForeign(file: string): void {
  const { uid, mode } = statSync(file);
  if ((uid === 0 || uid === process.geteuid!()) && (mode & 0o022) === 0) return;
  throw new Error(`${file}: is writable for users other than its owner: use chown and chmod go-w`);
}
