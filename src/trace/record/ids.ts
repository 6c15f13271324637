import { closeSync, openSync, readSync } from 'node:fs';

const POOL_BYTES = 256;

/** Random hex digits, and how many of them are used. */
let pool = '';
let used = 0;

/*
 * The digits come from one read of /dev/urandom: 0.1 ms on a cold start, where loading node:crypto
 * takes 7 to 9 ms. A forked init must not use them: it would repeat the runtime's ids.
 */

/** 32 hex digits. */
export const newTraceId = (): string => take(32);

/** 16 hex digits. */
export const newSpanId = (): string => take(16);

function take(digits: number): string {
  if (used + digits > pool.length) {
    pool = randomHex(POOL_BYTES);
    used = 0;
  }
  used += digits;
  return pool.slice(used - digits, used);
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
