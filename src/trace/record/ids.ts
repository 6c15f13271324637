import { closeSync, openSync, readSync } from 'node:fs';

const POOL_BYTES = 256;

/** Hex digits of this process's, and how many are used. */
let pool = '';
let used = 0;

/**
 * Random trace and span ids, drawn from one read of /dev/urandom: 0.1 ms on a cold start, where
 * loading node:crypto takes 7 to 9 ms. A forked init must not use it: it would repeat the runtime's
 * ids.
 */
export class IdSource {
  /** 32 hex digits. */
  traceId(): string {
    return this.#take(32);
  }

  /** 16 hex digits. */
  spanId(): string {
    return this.#take(16);
  }

  #take(digits: number): string {
    if (used + digits > pool.length) {
      pool = randomHex(POOL_BYTES);
      used = 0;
    }
    used += digits;
    return pool.slice(used - digits, used);
  }
}

function randomHex(bytes: number): string {
  const buffer = Buffer.alloc(bytes);
  try {
    const fd = openSync('/dev/urandom', 'r');
    try {
      // random(4): a read of up to 256 bytes is never short.
      readSync(fd, buffer, 0, bytes, null);
    } finally {
      closeSync(fd);
    }
  } catch {
    process.getBuiltinModule('node:crypto').randomFillSync(buffer);
  }
  return buffer.toString('hex');
}
