import { statSync } from 'node:fs';
import { posix } from 'node:path';
import { strerror } from '../syscalls/ffi/libc.ts';
import { mountFlagsOf, statfs } from '../syscalls/files/statfs.ts';
import { MS_NOEXEC } from '../syscalls/mount/mount.ts';
import { checkExecutable } from '../syscalls/task/exec.ts';
import { searchPath } from './search-path.ts';

/**
 * The path of the program `name`: `name` itself when it has a slash, otherwise the first executable
 * file of that name in the PATH of `env`. To be called in the container, as the program's user.
 * Throws runc's texts, by which callers tell exit status 127 from 126:
 * `exec: "xyz": executable file not found in $PATH`, `exec: "/x": stat /x: no such file or
 * directory`, `exec: "/x": permission denied`. For a directory, runc's text depends on its version
 * and each engine knows one of two: davit's has both, `exec: "/x": is a directory: permission
 * denied`.
 */
export function findExecutable(name: string, env: readonly string[]): string {
  if (name.includes('/')) {
    const problem = whyNotExecutable(name);
    if (problem) throw lookupError(name, { ...problem, hint: hintFor(name, problem) });
    return name;
  }
  const directories = searchPath(env);
  let hint = directories.length === 0 ? 'process.env has no PATH' : undefined;
  for (const directory of directories) {
    const path = posix.join(directory || '.', name);
    if (!isName(name)) continue;
    const problem = whyNotExecutable(path);
    if (problem?.code === 'EACCES')
      hint ??= problem.hint ?? `${path} exists, but is not executable`;
    if (problem) continue;
    if (posix.isAbsolute(path)) return path;
    throw lookupError(name, {
      code: 'ENOENT',
      text: 'cannot run executable found relative to current directory',
    });
  }
  if (name.includes(' ')) hint ??= ONE_STRING;
  hint ??= 'davit searches the directories of PATH in process.env, in the container';
  throw lookupError(name, { code: 'ENOENT', text: 'executable file not found in $PATH', hint });
}

interface Problem {
  code: string;
  text: string;
  hint?: string | undefined;
}

/** For a whole command line in one string. */
const ONE_STRING = 'every argument is an entry of its own: "args": ["/bin/sh", "-c", "…"]';

const isName = (name: string): boolean => name !== '' && name !== '.' && name !== '..';

function whyNotExecutable(path: string): Problem | undefined {
  try {
    if (statSync(path).isDirectory()) {
      return { code: 'EISDIR', text: 'is a directory: permission denied' };
    }
  } catch (error) {
    return problemOf(error, `stat ${path}: `);
  }
  try {
    checkExecutable(path);
    return undefined;
  } catch (error) {
    const hint = isNoexec(path) ? `${path} is on a file system mounted noexec` : undefined;
    return { ...problemOf(error, ''), hint };
  }
}

/** The hint for a name with a slash; a name that is searched in PATH gets its own. */
function hintFor(path: string, { code, hint }: Problem): string | undefined {
  if (hint) return hint;
  if (code === 'EACCES') {
    return 'process.user needs execute permission (chmod +x), also for the directories above';
  }
  if (code !== 'ENOENT' && code !== 'ENOTDIR') return undefined;
  return path.includes(' ')
    ? ONE_STRING
    : 'this is a path in the container: it must exist in the rootfs or in a mount';
}

function isNoexec(path: string): boolean {
  try {
    return (mountFlagsOf(statfs(path)) & MS_NOEXEC) !== 0;
  } catch {
    return false;
  }
}

function problemOf(error: unknown, prefix: string): Problem {
  if (!(error instanceof Error && 'code' in error && 'errno' in error)) throw error;
  // node:fs has negative errnos, SyscallError positive ones.
  const errno = Math.abs(Number(error.errno));
  return { code: String(error.code), text: `${prefix}${strerror(errno)}` };
}

function lookupError(name: string, { code, text, hint }: Problem): Error {
  return Object.assign(new Error(`exec: ${JSON.stringify(name)}: ${text}`), {
    code,
    syscall: 'execve',
    hint,
  });
}
