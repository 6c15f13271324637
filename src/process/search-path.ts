/** The directories of PATH in `env`. Without one there are none: davit's own does not count. */
export function searchPath(env: readonly string[]): string[] {
  const path = env.findLast((variable) => variable.startsWith('PATH='))?.slice('PATH='.length);
  return path ? path.split(':') : [];
}
