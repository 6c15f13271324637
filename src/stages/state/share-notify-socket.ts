import type { AppliesContext } from '../../context/applies-context.ts';
import type { ConfiguredContext } from '../../context/context.ts';
import { makeReadinessDirectory, READINESS_SOCKET } from '../../state/readiness-socket.ts';

/** The socket's directory in the container, as in runc. */
const IN_CONTAINER = '/run/notify';
const OPTIONS = ['bind', 'nosuid', 'noexec', 'nodev', 'ro'];

/** True where davit is a service of Type=notify, whose program says when it is ready. */
export const isNotifyService = ({ options }: AppliesContext): boolean =>
  options.notifySocket !== undefined;

/**
 * Makes the directory of the socket where the container's program says READY=1, and adds its mount
 * and NOTIFY_SOCKET to the configuration. The kept configuration has neither: `exec` does not pass
 * them on.
 */
export function shareNotifySocket({
  spec,
  stateDir,
}: ConfiguredContext): Pick<ConfiguredContext, 'spec'> {
  const source = makeReadinessDirectory(stateDir);
  const mount = { destination: IN_CONTAINER, source, options: OPTIONS };
  const shared = { ...spec, mounts: [...(spec.mounts ?? []), mount] };
  if (!spec.process) return { spec: shared };
  const env = spec.process.env?.filter((variable) => !variable.startsWith('NOTIFY_SOCKET=')) ?? [];
  env.push(`NOTIFY_SOCKET=${IN_CONTAINER}/${READINESS_SOCKET}`);
  return { spec: { ...shared, process: { ...spec.process, env } } };
}
