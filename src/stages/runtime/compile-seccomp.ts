import type { RuntimeContext } from '../../lifecycle/context.ts';
import { compileSeccomp } from '../../process/seccomp/compile.ts';

/** Compiles linux.seccomp, before the fork: init, in its container, has no libseccomp. */
export function compileSeccompFilter(ctx: RuntimeContext): void {
  const profile = ctx.spec.linux?.seccomp;
  if (!profile) return;
  const directory = cacheDirectory(process.env, ctx.rootless);
  ctx.seccomp = compileSeccomp(profile, directory ? { cacheDirectory: directory } : {});
  if (ctx.seccomp) ctx.debug(`seccomp filter flags: ${ctx.seccomp.flags}`);
}

/** Where programs already compiled are kept: XDG Base Directory Specification, and for root hier(7). */
function cacheDirectory(env: NodeJS.ProcessEnv, rootless: boolean): string | undefined {
  if (!rootless) return '/var/cache/davit/seccomp';
  if (env.XDG_CACHE_HOME?.startsWith('/')) return `${env.XDG_CACHE_HOME}/davit/seccomp`;
  return env.HOME?.startsWith('/') ? `${env.HOME}/.cache/davit/seccomp` : undefined;
}
