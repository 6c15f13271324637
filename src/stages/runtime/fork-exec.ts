import { openSync, readlinkSync } from 'node:fs';
import type { NamespaceType } from '../../config/names/namespace-types.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { failedWith } from '../../errors/syscall-error.ts';
import type { RuntimeContext } from '../../lifecycle/context.ts';
import type { Stage } from '../../lifecycle/stage.ts';
import type { JoinedNamespace } from '../../process/fork/join.ts';
import { closeNamespaces, NAMESPACE_FLAGS } from '../../process/namespace-plan.ts';
import { isAlive } from '../../state/process-stat.ts';
import { forkProcess } from './fork-process.ts';

/** By the namespace's type, its file in /proc/PID/ns (namespaces(7)). */
const NAMESPACE_FILES: Record<NamespaceType, string> = {
  user: 'user',
  mount: 'mnt',
  uts: 'uts',
  ipc: 'ipc',
  network: 'net',
  pid: 'pid',
  cgroup: 'cgroup',
  time: 'time',
};

/** Forks a process into the namespaces of the container's init. */
export function forkExec(ctx: RuntimeContext, stages: () => readonly Stage[]): void {
  const plan = { join: namespacesOf(ctx.record.initPid), create: 0 };
  try {
    // Opened by pid, so only now is it sure that they are init's.
    if (!isAlive(ctx.record.initPid, ctx.record.initStartTime)) {
      throw new RuntimeError('cannot exec in a stopped container');
    }
    forkProcess(ctx, plan, stages);
  } finally {
    closeNamespaces(plan);
  }
}

/** init's namespaces that are not the runtime's own; entering one's own user namespace is refused. */
function namespacesOf(pid: number): JoinedNamespace[] {
  return Object.entries(NAMESPACE_FILES).flatMap(([type, file]) => {
    const path = `/proc/${pid}/ns/${file}`;
    if (isSame(path, `/proc/self/ns/${file}`)) return [];
    const flag = NAMESPACE_FLAGS[type as NamespaceType];
    return [{ flag, configPath: path, fd: openSync(path, 'r') }];
  });
}

function isSame(path: string, own: string): boolean {
  try {
    return readlinkSync(path) === readlinkSync(own);
  } catch (error) {
    // The kernel lacks this kind; that there is an init at all is checked after.
    if (failedWith(error, 'ENOENT')) return true;
    throw error;
  }
}
