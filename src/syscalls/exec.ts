import { koffi } from './koffi.ts';
import { declare, declareSyscall } from './libc.ts';

// linux/fcntl.h
const AT_FDCWD = -100;
const AT_EACCESS = 0x200;
const AT_EMPTY_PATH = 0x1000;
const X_OK = 1;

const nativeExecveat = declareSyscall<[number, string, Uint8Array, Uint8Array, number]>(
  'execveat',
  { x64: 322, arm64: 281 },
  ['int64_t', 'const char *', 'void *', 'void *', 'int64_t'],
);

/** execveat(2) of an open file; returns only by throwing. */
export function execFd(fd: number, argv: readonly string[], env: readonly string[]): never {
  nativeExecveat(fd, '', pointers(argv), pointers(env), AT_EMPTY_PATH);
  throw new Error('execveat returned');
}

const nativeFaccessat = declare<[number, string, number, number]>(
  'int faccessat(int dirfd, const char *path, int mode, int flags)',
  { describe: (_dirfd, path) => `faccessat ${path} X_OK` },
);

/** faccessat(2): throws unless the effective user may execute `path`. */
export const checkExecutable = (path: string): void => {
  nativeFaccessat(AT_FDCWD, path, X_OK, AT_EACCESS);
};

/** Buffers whose addresses were written into an array that the kernel is about to read. */
const alive: Buffer[] = [];

/** A NULL-terminated array of C strings. */
function pointers(strings: readonly string[]): Buffer {
  const array = Buffer.alloc(8 * (strings.length + 1));
  strings.forEach((string, i) => {
    const bytes = Buffer.from(`${string}\0`);
    alive.push(bytes);
    array.writeBigUInt64LE(koffi().address(bytes), 8 * i);
  });
  return array;
}
