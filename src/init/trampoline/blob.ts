/** What the image holds for system calls to point at. */
export type Blob = Bytes | StringArray;

export interface Bytes {
  bytes: Uint8Array;
  /** Blobs whose addresses stand in `bytes`, by offset. */
  pointers?: ReadonlyMap<number, Blob>;
}

/** A NULL-terminated array of C strings: argv and envp. */
export interface StringArray {
  strings: readonly string[];
}

/** A C string. */
export const cString = (text: string): Bytes => ({ bytes: Buffer.from(`${checkNoNul(text)}\0`) });

/** Throws for a string with a NUL inside, which would end early. */
export function checkNoNul(text: string): string {
  if (text.includes('\0')) throw new Error(`${JSON.stringify(text)} contains a NUL`);
  return text;
}

/** struct sock_fprog (linux/filter.h): the number of instructions, and their address. */
export function sockFprog(program: Uint8Array): Bytes {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt16LE(program.length / 8, 0);
  return { bytes, pointers: new Map([[8, { bytes: program }]]) };
}
