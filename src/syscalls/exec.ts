import { AT_EMPTY_PATH, AT_FDCWD } from './file.ts';
import { declare, declareSyscall } from './libc.ts';
import { stringArray } from './string-array.ts';

// linux/fcntl.h
const AT_EACCESS = 0x200;
const X_OK = 1;

const nativeExecveat = declareSyscall<[number, string, Uint8Array, Uint8Array, number]>(
  'execveat',
  { x64: 322, arm64: 281 },
  ['int64_t', 'const char *', 'void *', 'void *', 'int64_t'],
);

/** Becomes the program in `fd`, with an empty environment. */
export type ExecFd = (fd: number, argv: readonly string[]) => void;

/** execveat(2) of an open file; returns only by throwing. */
export function execFd(fd: number, argv: readonly string[]): never {
  nativeExecveat(fd, '', stringArray(argv), stringArray([]), AT_EMPTY_PATH);
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
