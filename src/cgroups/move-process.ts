import { type Cgroup, directoryOf } from './cgroup.ts';
import { writeFile } from './files.ts';

/** Moves another process into a cgroup, in every hierarchy. */
export function moveProcess({ hierarchies }: Cgroup, pid: number): void {
  for (const hierarchy of hierarchies) {
    writeFile(directoryOf(hierarchy), 'cgroup.procs', String(pid));
  }
}
