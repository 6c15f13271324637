import type { NamespaceType } from './names/namespace-types.ts';
import type { Linux } from './types.ts';

/** True when the container has a namespace of its own, or joins one. */
export function hasNamespace(linux: Linux | undefined, type: NamespaceType): boolean {
  return linux?.namespaces?.some((namespace) => namespace.type === type) ?? false;
}

/** True when the container gets a namespace of its own making. */
export function makesNamespace(linux: Linux | undefined, type: NamespaceType): boolean {
  return linux?.namespaces?.some((found) => found.type === type && !found.path) ?? false;
}
