/**
 * An error's message, in the order that davit has for system calls: node:fs's `ENOENT: no such file
 * or directory, open '/x'` as `open /x: ENOENT: no such file or directory`.
 */
export function nodeErrorMessage(error: Error): string {
  const { message } = error;
  if (!isNodeError(error)) return message || error.name;
  const { code, syscall } = error;
  const end = message.lastIndexOf(`, ${syscall}`);
  if (end < 0 || !message.startsWith(`${code}: `)) return message;
  return `${[syscall, ...operands(error)].join(' ')}: ${message.slice(0, end)}`;
}

/** chdir's `path` is where the process was. */
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

/** Of node:fs, whose errnos are negative. */
function isNodeError(error: Error): error is NodeError {
  const { errno, code, syscall } = error as NodeJS.ErrnoException;
  return typeof errno === 'number' && errno < 0 && code !== undefined && syscall !== undefined;
}

/** Runs what writes `path`: node:fs names a file that it cannot open, not one it cannot write. */
export function atPath<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof Error && isNodeError(error)) error.path ??= path;
    throw error;
  }
}
