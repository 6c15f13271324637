/** The directories of PATH in `env`; none without PATH, as davit's own PATH does not count. */
export function searchPath(env: readonly string[]): string[] {
  const path = env.findLast((variable) => variable.startsWith('PATH='))?.slice('PATH='.length);
  return path ? path.split(':') : [];
}
