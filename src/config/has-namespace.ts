import type { NamespaceType } from './names/namespace-types.ts';
import type { Linux } from './types.ts';

/** True when the container makes or joins a namespace of this type. */
export function hasNamespace(linux: Linux | undefined, type: NamespaceType): boolean {
  return linux?.namespaces?.some((namespace) => namespace.type === type) ?? false;
}

/** True when the container joins an existing namespace of this type. */
export function joinsNamespace(linux: Linux | undefined, type: NamespaceType): boolean {
  return linux?.namespaces?.some((found) => found.type === type && found.path) ?? false;
}

/** True when the container makes a new namespace of this type. */
export function makesNamespace(linux: Linux | undefined, type: NamespaceType): boolean {
  return linux?.namespaces?.some((found) => found.type === type && !found.path) ?? false;
}
