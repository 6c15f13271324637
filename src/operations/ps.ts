import { type ContainerRequest, readContainer } from './stored.ts';

/** Pids of all the container's processes, in the runtime's pid namespace. */
export async function ps(request: ContainerRequest): Promise<number[]> {
  const { cgroup } = readContainer(request);
  return cgroup?.pids({ recursive: true }) ?? [];
}
