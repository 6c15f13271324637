import { koffi } from './koffi.ts';

/**
 * A NULL-terminated array of C strings, as execve(2) takes argv and envp: pointers and strings in
 * one buffer. The pointers are absolute: the caller must keep the buffer while they are in use.
 */
export function stringArray(strings: readonly string[]): Buffer {
  const text = Buffer.from(strings.map((string) => `${string}\0`).join(''));
  const pointers = 8 * (strings.length + 1);
  const memory = Buffer.alloc(pointers + text.length);
  text.copy(memory, pointers);
  let address = koffi().address(memory) + BigInt(pointers);
  strings.forEach((string, i) => {
    memory.writeBigUInt64LE(address, 8 * i);
    address += BigInt(Buffer.byteLength(string) + 1);
  });
  return memory;
}
