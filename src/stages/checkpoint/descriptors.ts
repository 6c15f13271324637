import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseJson } from '../../config/json.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { descriptorsOf } from '../../state/external-descriptors.ts';
import type { ContainerRecord } from '../../state/record.ts';

/** What stdio was when the container started: runc, crun and davit read each other's file. */
const FILE = 'descriptors.json';

/** Writes what the container's stdio was connected to. */
export function writeDescriptors(directory: string, record: ContainerRecord): void {
  // A container that an older davit made has none.
  const descriptors = record.externalDescriptors ?? descriptorsOf(record.initPid);
  writeFileSync(join(directory, FILE), JSON.stringify(descriptors), { mode: 0o600 });
}

/** The pipes of the saved stdio, which the caller's stdio replaces. */
export function pipesToReplace(directory: string): { key: string; fd: number }[] {
  return readDescriptors(join(directory, FILE)).flatMap((key, fd) =>
    key.includes('pipe:') ? [{ key, fd }] : [],
  );
}

function readDescriptors(file: string): string[] {
  const value: unknown = parseJson(readFileSync(file, 'utf8'), file);
  if (Array.isArray(value) && value.length <= 3 && value.every((one) => typeof one === 'string')) {
    return value;
  }
  throw new RuntimeError(
    `${file}: expected the names of stdin, stdout and stderr, as an array of strings`,
    'the checkpoint is damaged',
  );
}
