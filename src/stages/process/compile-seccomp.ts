import { refusesUnknownSyscalls } from '../../config/crun-annotations.ts';
import type { ConfiguredContext, PreparedContext } from '../../context/context.ts';
import { compileSeccomp } from '../../seccomp/compile.ts';
import { cacheDirectory } from '../../state/cache-directory.ts';

/** Compiles linux.seccomp before the fork: in the container, init has no libseccomp. */
export function compileSeccompFilter(ctx: ConfiguredContext): Pick<PreparedContext, 'seccomp'> {
  const profile = ctx.spec.linux?.seccomp;
  if (!profile) return {};
  const directory = cacheDirectory('seccomp', ctx.callerEnvironment, ctx);
  const seccomp = compileSeccomp(profile, {
    cacheDirectory: directory,
    refuseUnknown: refusesUnknownSyscalls(ctx.spec),
  });
  if (seccomp) ctx.debug(`seccomp filter flags: ${seccomp.flags}`);
  return { seccomp };
}
