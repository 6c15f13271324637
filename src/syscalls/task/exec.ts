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

/** Executes the program in `fd` with an empty environment. */
export type ExecFd = (fd: number, argv: readonly string[]) => void;

const nativeExecve = declare<[string, Uint8Array, Uint8Array]>(
  'int execve(const char *pathname, void *argv, void *envp)',
);

/** execve(2); `env` holds `NAME=value`. Returns only by throwing. */
export function execve(path: string, argv: readonly string[], env: readonly string[]): never {
  nativeExecve(path, stringArray(argv), stringArray(env));
  throw new Error('execve returned');
}

/** {@link execve} with an empty environment. */
export const execPath = (path: string, argv: readonly string[]): never => execve(path, argv, []);

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
/** The bare call: libc's faccessat(3) tries faccessat2(2) first, and believes a filter's EPERM. */
const nativeFaccessat = declareSyscall<[number, string, number]>(
  'faccessat',
  ['int64_t', 'const char *', 'int64_t'],
  { describe: (_dirfd, path) => `faccessat ${path} X_OK` },
);

/**
 * faccessat2(2): throws unless the effective user may execute `path`. Where faccessat2 is missing
 * or refused, faccessat(2) checks the real user instead.
 */
export const checkExecutable = (path: string): void => {
  unlessRefused(
    () => nativeFaccessat2(AT_FDCWD, path, X_OK, AT_EACCESS),
    () => nativeFaccessat(AT_FDCWD, path, X_OK),
  );
};
