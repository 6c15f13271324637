import { dirname } from 'node:path';
import type { RuntimeContext } from '../../lifecycle/context.ts';
import { compileSeccomp } from '../../process/seccomp/compile.ts';

/** Programs already compiled, beside the containers of --root; no container id starts with a dot. */
const CACHE = '.seccomp';

/** Compiles linux.seccomp, before the fork: init, in its container, has no libseccomp. */
export function compileSeccompFilter(ctx: RuntimeContext): void {
  const profile = ctx.spec.linux?.seccomp;
  if (!profile) return;
  ctx.seccomp = compileSeccomp(profile, { cacheDirectory: `${dirname(ctx.stateDir)}/${CACHE}` });
}
