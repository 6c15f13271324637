import { loadSpec } from '../config/load.ts';
import type { HookName } from '../config/names/hook-names.ts';
import type { ContainerRequest } from '../state/container.ts';
import { stateDirOf } from '../state/store.ts';

/** Whether a container has hooks of this kind. False if its configuration cannot be read. */
export function hasHooks({ root, id }: ContainerRequest, kind: HookName): boolean {
  try {
    return (loadSpec(stateDirOf(root, id)).hooks?.[kind] ?? []).length > 0;
  } catch {
    return false;
  }
}
