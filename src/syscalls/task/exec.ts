import { unlessRefused } from '../../errors/syscall-error.ts';
import { declare, declareNewer, declareSyscall } from '../ffi/libc.ts';
import { stringArray } from '../ffi/string-array.ts';
import { AT_EMPTY_PATH, AT_FDCWD } from '../files/file.ts';

// linux/fcntl.h
const AT_EACCESS = 0x200;
const X_OK = 1;

const nativeExecveat = declareNewer<[number, string, Uint8Array, Uint8Array, number]>('execveat', [
  'int64_t',
  'const char *',
  'void *',
  'void *',
  'int64_t',
]);

/** Becomes the program in `fd`, with an empty environment. */
export type ExecFd = (fd: number, argv: readonly string[]) => void;

const nativeExecve = declare<[string, Uint8Array, Uint8Array]>(
  'int execve(const char *pathname, void *argv, void *envp)',
);

/** execve(2) with an empty environment; returns only by throwing. */
export function execPath(path: string, argv: readonly string[]): never {
  nativeExecve(path, stringArray(argv), stringArray([]));
  throw new Error('execve returned');
}

/** execveat(2) of an open file; returns only by throwing. */
export function execFd(fd: number, argv: readonly string[]): never {
  nativeExecveat(fd, '', stringArray(argv), stringArray([]), AT_EMPTY_PATH);
  throw new Error('execveat returned');
}

const nativeFaccessat2 = declareNewer<[number, string, number, number]>(
  'faccessat2',
  ['int64_t', 'const char *', 'int64_t', 'int64_t'],
  { describe: (_dirfd, path) => `faccessat2 ${path} X_OK` },
);
/** libc's function of the name would try faccessat2(2) first, and take EPERM for an answer. */
const nativeFaccessat = declareSyscall<[number, string, number]>(
  'faccessat',
  { x64: 269, arm64: 48 },
  ['int64_t', 'const char *', 'int64_t'],
  { describe: (_dirfd, path) => `faccessat ${path} X_OK` },
);

/**
 * faccessat2(2): throws unless the effective user may execute `path`; by faccessat(2), which is about
 * the real one, where there is no other.
 */
export const checkExecutable = (path: string): void => {
  unlessRefused(
    () => nativeFaccessat2(AT_FDCWD, path, X_OK, AT_EACCESS),
    () => nativeFaccessat(AT_FDCWD, path, X_OK),
  );
};
