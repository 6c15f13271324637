type Tree = Record<string, unknown>;

/** Sets the leaves of `change` in `owner[name]`, and removes those that are null. Lists are leaves. */
export function mergeLeaves(owner: object, name: string, change: unknown): void {
  const tree = owner as Tree;
  if (change === null) delete tree[name];
  else if (!isTree(change)) tree[name] = change;
  else {
    const own = tree[name];
    const below: Tree = isTree(own) ? own : {};
    tree[name] = below;
    for (const [key, value] of Object.entries(change)) mergeLeaves(below, key, value);
  }
}

/** Where the leaves of `change` are: `['memory', 'limit']`. */
export function leavesOf(change: unknown, above: readonly string[] = []): (readonly string[])[] {
  if (!isTree(change)) return [above];
  return Object.entries(change).flatMap(([key, value]) => leavesOf(value, [...above, key]));
}

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
