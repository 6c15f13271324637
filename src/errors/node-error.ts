/**
 * An error's message, in the order of davit's own system call errors: node:fs's `ENOENT: no such
 * file or directory, open '/x'` becomes `open /x: ENOENT: no such file or directory`.
 */
export function nodeErrorMessage(error: Error): string {
  const { message } = error;
  if (!isNodeError(error)) return message || error.name;
  const { code, syscall } = error;
  const end = message.lastIndexOf(`, ${syscall}`);
  if (end < 0 || !message.startsWith(`${code}: `)) return message;
  return `${[syscall, ...operands(error)].join(' ')}: ${message.slice(0, end)}`;
}

/** In an error of chdir, `path` is the former working directory and `dest` the new one. */
function operands({ syscall, path, dest }: NodeError): string[] {
  if (path === undefined) return [];
  if (dest === undefined) return [path];
  return syscall === 'chdir' ? [dest] : [path, 'to', dest];
}

interface NodeError extends Error {
  code: string;
  syscall: string;
  path?: string;
  dest?: string;
}

/** True for an error of node:fs, whose errnos are negative. */
function isNodeError(error: Error): error is NodeError {
  const { errno, code, syscall } = error as NodeJS.ErrnoException;
  return typeof errno === 'number' && errno < 0 && code !== undefined && syscall !== undefined;
}

/** Adds `path` to an error of `action`: node:fs does not name a file that it cannot write. */
export function atPath<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof Error && isNodeError(error)) error.path ??= path;
    throw error;
  }
}
