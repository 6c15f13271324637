import { closeSync } from 'node:fs';
import { cloneMount, moveMount } from '../../syscalls/mount-api.ts';

/** Binds what `source` is open on, alone, over what `target` is open on. */
export function bindOver(source: number, target: number): void {
  const copy = cloneMount(source, { recursive: false });
  try {
    moveMount(copy, target);
  } finally {
    closeSync(copy);
  }
}
