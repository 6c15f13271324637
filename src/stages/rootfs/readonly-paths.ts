import { closeSync } from 'node:fs';
import type { InitContext } from '../../context/init-context.ts';
import { atField } from '../../errors/stage-error.ts';
import { withCallDescription } from '../../errors/with-call-description.ts';
import { closeFd } from '../../syscalls/files/close-fd.ts';
import { setReadonly } from '../mounts/attributes.ts';
import { bindFd } from '../mounts/bind/bind-fd.ts';
import { openIfThere } from './open-if-there.ts';

/** Binds each path on itself, read-only; absent ones are no error. */
export function makePathsReadonly(ctx: InitContext): void {
  ctx.spec.linux?.readonlyPaths?.forEach((path, index) => {
    atField(`linux.readonlyPaths[${index}]`, () => makeReadonly(ctx, path));
  });
}

function makeReadonly(ctx: InitContext, path: string): void {
  const target = openIfThere(ctx.rootfsFd, path);
  if (target === undefined) return;
  try {
    withCallDescription(`make ${path} read-only`, () => {
      using fds = new DisposableStack();
      const mount = fds.adopt(bindFd(ctx, target, target, { recursive: true }), closeFd);
      setReadonly(ctx.procfs, mount);
    });
  } finally {
    closeSync(target);
  }
}
