import { RuntimeError } from '../../errors/runtime-error.ts';
import { type ContainerRequest, readContainer } from '../../state/container.ts';

/** Pids of all the container's processes, in the runtime's pid namespace. */
export async function ps(request: ContainerRequest): Promise<number[]> {
  const { cgroup } = readContainer(request);
  if (!cgroup?.hierarchies.length) {
    throw new RuntimeError('cannot list processes: the container has no cgroup of its own');
  }
  return cgroup.pids({ recursive: true });
}
