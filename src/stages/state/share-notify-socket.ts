import type { Launch, RuntimeContext } from '../../lifecycle/context.ts';
import { makeReadinessDirectory, READINESS_SOCKET } from '../../state/readiness-socket.ts';

/** Where the container has it: runc's path. */
const IN_CONTAINER = '/run/notify';
const OPTIONS = ['bind', 'nosuid', 'noexec', 'nodev', 'ro'];

/** True where davit is a service of Type=notify, whose program says when it is ready. */
export const isNotifyService = ({ options }: Launch): boolean => options.notifySocket !== undefined;

/**
 * Makes the directory of the socket that init's program is to say READY=1 at, and has it mounted. `exec`
 * gives the socket to no other program: the configuration that is kept knows nothing of it.
 */
export function shareNotifySocket(ctx: RuntimeContext): void {
  const { spec } = ctx;
  const source = makeReadinessDirectory(ctx.stateDir);
  const mount = { destination: IN_CONTAINER, source, options: OPTIONS };
  ctx.spec = { ...spec, mounts: [...(spec.mounts ?? []), mount] };
  if (!spec.process) return;
  const env = spec.process.env?.filter((variable) => !variable.startsWith('NOTIFY_SOCKET=')) ?? [];
  env.push(`NOTIFY_SOCKET=${IN_CONTAINER}/${READINESS_SOCKET}`);
  ctx.spec.process = { ...spec.process, env };
}
