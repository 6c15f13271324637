import { refusesUnknownSyscalls } from '../../config/crun-annotations.ts';
import type { RuntimeContext } from '../../lifecycle/context.ts';
import { compileSeccomp } from '../../seccomp/compile.ts';
import { cacheDirectory } from '../../state/cache-directory.ts';

/** Compiles linux.seccomp before the fork: in the container, init has no libseccomp. */
export function compileSeccompFilter(ctx: RuntimeContext): void {
  const profile = ctx.spec.linux?.seccomp;
  if (!profile) return;
  const directory = cacheDirectory('seccomp', ctx.callerEnvironment, ctx);
  ctx.seccomp = compileSeccomp(profile, {
    cacheDirectory: directory,
    refuseUnknown: refusesUnknownSyscalls(ctx.spec),
  });
  if (ctx.seccomp) ctx.debug(`seccomp filter flags: ${ctx.seccomp.flags}`);
}
