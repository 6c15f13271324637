import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { writeAtomically } from '../state/write-atomically.ts';

/** The most files that are kept: a new one replaces the oldest. */
const MAX_FILES = 64;

/**
 * Reads the program of `key` from `directory`, or compiles it and writes it there. The file holds
 * the whole key, which is compared: a weak hash is enough. Errors of the cache are ignored.
 */
export function cachedProgram(
  directory: string | undefined,
  key: string,
  compile: () => Buffer,
): Buffer {
  if (directory === undefined) return compile();
  const keyBytes = Buffer.from(key);
  const path = `${directory}/${hash(keyBytes)}.bpf`;
  const found = read(path, keyBytes);
  if (found) return found;
  const program = compile();
  write(directory, path, Buffer.concat([lengthOf(keyBytes), keyBytes, program]));
  return program;
}

/** A file is: the key's length (uint32, little-endian), the key, struct sock_filter[]. */
function read(path: string, key: Buffer): Buffer | undefined {
  try {
    const bytes = readFileSync(path);
    const end = 4 + key.length;
    const program = bytes.subarray(end);
    const valid = program.length > 0 && program.length % 8 === 0;
    return valid && bytes.subarray(4, end).equals(key) && bytes.readUInt32LE(0) === key.length
      ? program
      : undefined;
  } catch {
    return undefined;
  }
}

function write(directory: string, path: string, bytes: Buffer): void {
  const draft = `${path}.${process.pid}`;
  try {
    writeAtomically(path, bytes, { temporary: draft, mode: 0o600 });
    prune(directory);
  } catch {
    rmSync(draft, { force: true });
  }
}

function prune(directory: string): void {
  const paths = readdirSync(directory).map((name) => `${directory}/${name}`);
  if (paths.length <= MAX_FILES) return;
  const age = new Map(paths.map((path) => [path, statSync(path).mtimeMs]));
  paths.sort((a, b) => age.get(a)! - age.get(b)!);
  for (const path of paths.slice(0, paths.length - MAX_FILES)) rmSync(path, { force: true });
}

function lengthOf(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return length;
}

/** FNV-1a, 32 bits: node:crypto would take longer to load than the cache saves. */
function hash(bytes: Uint8Array): string {
  let value = 0x811c9dc5;
  for (const byte of bytes) value = Math.imul(value ^ byte, 0x01000193);
  return (value >>> 0).toString(16).padStart(8, '0');
}
