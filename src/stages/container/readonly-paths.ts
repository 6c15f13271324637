import { closeSync } from 'node:fs';
import { atField } from '../../errors/stage-error.ts';
import type { InitContext } from '../../lifecycle/context.ts';
import { cloneMount, moveMount } from '../../syscalls/mount-api.ts';
import { setReadonly } from './mount-one/attributes.ts';
import { described } from './mount-one/described.ts';
import { openIfThere } from './open-if-there.ts';

/** Binds each path on itself, read-only; absent ones are no error. */
export function makePathsReadonly(ctx: InitContext): void {
  ctx.spec.linux?.readonlyPaths?.forEach((path, index) => {
    atField(`linux.readonlyPaths[${index}]`, () => makeReadonly(ctx, path));
  });
}

function makeReadonly({ rootfsFd, procfs }: InitContext, path: string): void {
  const target = openIfThere(rootfsFd, path);
  if (target === undefined) return;
  try {
    described(`make ${path} read-only`, () => {
      const copy = cloneMount(target, { recursive: true });
      try {
        moveMount(copy, target);
        setReadonly(procfs, copy);
      } finally {
        closeSync(copy);
      }
    });
  } finally {
    closeSync(target);
  }
}
