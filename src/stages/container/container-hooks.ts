import type { ContainerStatus } from '../../config/names/container-statuses.ts';
import type { HookName } from '../../config/names/hook-names.ts';
import type { InitContext } from '../../lifecycle/context.ts';
import { runHooks } from '../../process/hooks/run-hooks.ts';
import { traceHookThere } from '../../process/hooks/trace-hook.ts';
import { getpid } from '../../syscalls/process.ts';
import { fchdir } from '../../syscalls/root.ts';

/**
 * Runs createContainer hooks: in the container's namespaces, on the host's paths, in the rootfs. As
 * with runc, they get nothing of the caller's environment, which other processes of the container
 * might read.
 */
export function createContainerHooks(ctx: InitContext): void {
  fchdir(ctx.rootfsFd);
  runCreateContainer(ctx);
}

const runCreateContainer = hooks('createContainer', 'creating', () => []);

/**
 * Runs startContainer hooks: inside the container. Those without an environment get the program's:
 * runc's behaviour, which callers rely on.
 */
export const startContainerHooks = hooks('startContainer', 'created', (ctx) => ctx.environment);

function hooks(kind: HookName, status: ContainerStatus, env: (ctx: InitContext) => string[]) {
  return (ctx: InitContext): void => {
    const { id, bundle, spec } = ctx;
    runHooks(
      kind,
      { id, bundle, spec, status, pid: getpid() },
      { inherited: env(ctx), output: ctx.hookOutput, traced: ctx.traceHook ?? traceHookThere(ctx) },
    );
  };
}
