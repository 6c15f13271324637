import { hasNamespace } from '../config/has-namespace.ts';
import type { Spec } from '../config/types.ts';
import { unavailableCapabilities } from './capability-sets.ts';

/** What this runtime cannot do of a valid process, one line each: runtime.md, "Warnings". */
export function hostWarnings({ process, linux }: Spec): string[] {
  // A user namespace's root has all capabilities there.
  if (!process?.capabilities || hasNamespace(linux, 'user')) return [];
  const names = unavailableCapabilities(process.capabilities);
  return names.length === 0 ? [] : [`ignoring unavailable capabilities: ${names.join(', ')}`];
}
