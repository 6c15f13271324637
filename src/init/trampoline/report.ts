/** What the trampoline writes: which call, and what the kernel returned (-errno of a failure). */
export interface Report {
  call: number;
  result: number;
}

/** { int32 call, int32 -result }, so that a failure carries its errno. */
export function encodeReport({ call, result }: Report): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeInt32LE(call, 0);
  bytes.writeInt32LE(-result, 4);
  return bytes;
}

/** Decodes the report of a failure. */
export const decodeReport = (bytes: Buffer) => ({
  call: bytes.readInt32LE(0),
  errno: bytes.readInt32LE(4),
});
