import { isObject } from '../../config/is-object.ts';

type Tree = Record<string, unknown>;

/**
 * Sets the leaves of `change` in `owner[name]`, and removes leaves that are null. Lists are leaves.
 */
export function mergeLeaves(owner: object, name: string, change: unknown): void {
  const tree = owner as Tree;
  if (change === null) delete tree[name];
  else if (!isObject(change)) tree[name] = change;
  else {
    const own = tree[name];
    const below: Tree = isObject(own) ? own : {};
    tree[name] = below;
    for (const [key, value] of Object.entries(change)) mergeLeaves(below, key, value);
  }
}

/** The paths of the leaves of `change`: `['memory', 'limit']`. */
export function leavesOf(change: unknown, above: readonly string[] = []): (readonly string[])[] {
  if (!isObject(change)) return [above];
  return Object.entries(change).flatMap(([key, value]) => leavesOf(value, [...above, key]));
}
