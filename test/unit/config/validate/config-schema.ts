import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';

/** What a JSON schema of schemas/ says of a value: the errors, or undefined if there is none. */
export function schemaErrors(name: 'config' | 'davit', value: unknown): string | undefined {
  const file = join(import.meta.dirname, `../../../../schemas/${name}.json`);
  if (!ajv.getSchema(name)) ajv.addSchema(JSON.parse(readFileSync(file, 'utf8')), name);
  return ajv.validate(name, asJson(value)) ? undefined : ajv.errorsText();
}

const ajv = new Ajv({ allErrors: true, strictTypes: false });

/** A value as it is in JSON, where davit's bigints are numbers. */
const asJson = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? Number(part) : part)));
